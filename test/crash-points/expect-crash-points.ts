import { type CrashPlace, type CrashScenario, crashPointsOf, runScenario } from './crash-points.js';

/** Runs a scenario without a crash, and then once for each crash point: it always ends the same way. [R19] */
export async function expectSameEndingAtEachCrashPoint(scenario: CrashScenario, placeOf: () => CrashPlace): Promise<void> {
  const whole = await runScenario(scenario, placeOf());
  for (const crashPoint of crashPointsOf(whole)) {
    const { ending, doneAgain, doneTooOften } = await runScenario(scenario, placeOf(), crashPoint);
    const where = `dies right ${crashPoint.moment} write ${crashPoint.write} (${whole.writes[crashPoint.write - 1]})`;
    expect({ where, ending, doneAgain, doneTooOften }).toEqual({ where, ending: whole.ending, doneAgain: [], doneTooOften: [] });
  }
}
