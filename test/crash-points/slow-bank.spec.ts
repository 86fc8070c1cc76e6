import { crashPointsOf, runScenario } from './crash-points.js';
import { tellCrashPoint, WELL } from './expect-crash-points.js';
import { placeInMemory } from './places.js';
import { slowScenarios } from './slow-bank.js';

describe('R19, R25: a node dies right before or right after any of its writes, and a participant answers later', () => {
  it.each(slowScenarios)(
    '$title',
    async ({ make, called, ends }) => {
      const { bank, scenario } = make();
      const whole = await runScenario(scenario, placeInMemory());
      const { saga } = whole.ending.sagas;
      expect([saga?.status, saga?.steps['transfer']]).toEqual(ends);
      expect(whole.writes).toContain('attempt-deferred transfer');

      const crashPoints = crashPointsOf(whole);
      // Side by side: each waits a second before the bank is asked again.
      const runs = await Promise.all(crashPoints.map(async (crashPoint) => runScenario(scenario, placeInMemory(), crashPoint)));
      const where = crashPoints.map((crashPoint) => tellCrashPoint(crashPoint, whole.writes));
      expect(runs.map(({ writes: _, ...run }, index) => ({ where: where[index], ...run }))).toEqual(
        where.map((one) => ({ where: one, ...WELL, ending: whole.ending })),
      );
      expect([...bank.called.values()]).toEqual(Array.from({ length: 1 + runs.length }, () => called));
    },
    60_000,
  );
});
