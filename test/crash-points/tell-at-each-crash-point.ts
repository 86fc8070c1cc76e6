import type { Retelling } from '../support/saga-app.js';
import { crashPointsOf, type CrashedRun } from './crash-points.js';
import { CrashedTelling } from './crashed-telling.js';
import { WELL, tellCrashPoint } from './expect-crash-points.js';
import type { CrashPoint } from './life.js';

/** Tells a story without a crash, and then once for each crash point: its sagas always end the same way, and stay as they ended. [R18, R19] */
export const tellAtEachCrashPoint: Retelling['tell'] = async (types, tell) => {
  const tellOnce = async (crashPoint?: CrashPoint): Promise<CrashedRun> => tellToItsEnd(new CrashedTelling(types, { crashPoint }), tell);
  const whole = await tellOnce();
  for (const crashPoint of crashPointsOf(whole)) {
    const where = tellCrashPoint(crashPoint, whole.writes);
    const { writes: _, ...run } = await tellOnce(crashPoint).catch((error: unknown) => {
      throw new Error(`where it ${where}: ${String(error)}`, { cause: error });
    });
    expect({ where, ...run }).toEqual({ where, ...WELL, ending: whole.ending });
  }
};

/** One telling, and what became of its sagas. */
export async function tellToItsEnd(telling: CrashedTelling, tell: Parameters<Retelling['tell']>[1]): Promise<CrashedRun> {
  try {
    await inTime(tell(telling));
    return await telling.end();
  } finally {
    await telling.leave();
  }
}

const PATIENCE_MS = 10_000;

/** So that it is said where a story came to a halt. */
async function inTime(told: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the story does not go on')), PATIENCE_MS);
  });
  await Promise.race([told, late]).finally(() => clearTimeout(timer));
}
