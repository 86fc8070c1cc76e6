import { callTwice } from '../crash-points/actions.js';
import { CrashedTelling } from '../crash-points/crashed-telling.js';
import { WELL } from '../crash-points/expect-crash-points.js';
import { tellToItsEnd } from '../crash-points/tell-at-each-crash-point.js';
import type { Retelling } from '../support/saga-app.js';

/** Tells a story as it is, and then with each step and each compensation called twice in each attempt: its sagas end the same way. [R9] */
export const tellWithEachActionTwice: Retelling['tell'] = async (types, tell) => {
  const calls = { once: 0, twice: 0 };
  const once = async (call: () => unknown): Promise<unknown> => {
    calls.once += 1;
    return call();
  };
  const twice = async (call: () => unknown): Promise<unknown> => {
    let times = 0;
    return callTwice(() => {
      times += 1;
      if (times === 2) calls.twice += 1;
      return call();
    });
  };
  const whole = await tellToItsEnd(new CrashedTelling(types, { around: once }), tell);
  const { writes: _, ...run } = await tellToItsEnd(new CrashedTelling(types, { around: twice }), tell);
  expect(run).toEqual({ ...WELL, ending: whole.ending });
  // In some stories nothing begins.
  expect(calls.twice > 0).toBe(calls.once > 0);
};
