import { type CrashPlace, type CrashScenario, crashPointsOf, runScenario } from './crash-points.js';
import type { CrashPoint } from './life.js';

export const WELL = { doneAgain: [], doneTooOften: [], changedTooLate: false };

/**
 * Runs a scenario without a crash, and then once for each crash point: it always ends the same way, and stays as it ended. [R18, R19]
 *
 * @param then where the nodes that take it up die, too: each of these with each crash point
 */
export async function expectSameEndingAtEachCrashPoint(
  scenario: CrashScenario,
  placeOf: () => CrashPlace,
  then: readonly (readonly CrashPoint[])[] = [[]],
): Promise<void> {
  const { fixed = (ending) => ending } = scenario;
  const whole = await runScenario(scenario, placeOf());
  for (const crashPoint of crashPointsOf(whole)) {
    for (const others of then) {
      const { ending, doneAgain, doneTooOften, changedTooLate } = await runScenario(scenario, placeOf(), crashPoint, ...others);
      const where = [tellCrashPoint(crashPoint, whole.writes), ...others.map((other) => tellCrashPoint(other))].join('; then ');
      expect({ where, ending: fixed(ending), doneAgain, doneTooOften, changedTooLate }).toEqual({
        where,
        ...WELL,
        ending: fixed(whole.ending),
      });
    }
  }
}

export const tellCrashPoint = ({ write, moment }: CrashPoint, writes: readonly string[] = []): string =>
  `dies right ${moment} write ${write}${writes[write - 1] === undefined ? '' : ` (${writes[write - 1]})`}`;
