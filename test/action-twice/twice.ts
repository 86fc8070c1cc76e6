import type { SagaContext } from 'nestjs-sagas';

import { aroundActions, callTwice } from '../crash-points/actions.js';
import { type CrashPlace, type CrashSaga, type CrashScenario, crashPointsOf, runScenario } from '../crash-points/crash-points.js';
import type { CrashPoint } from '../crash-points/life.js';

/** How often each attempt's method was called, by idempotency key and attempt. */
type Calls = Map<string, number>;

/**
 * Runs a scenario as it is, and then with each step and each compensation called twice in each attempt: without a crash, and
 * once for each crash point. What counts is the second call. It always ends as it would have with one call, and what was done
 * outside is the same, by idempotency key.
 */
export async function expectSameEndingWithEachActionTwice(
  scenario: CrashScenario,
  placeOf: () => CrashPlace,
  { crashes }: { readonly crashes: boolean },
): Promise<void> {
  const once = await runScenario(scenario, placeOf());
  const calls: Calls = new Map();
  await expectSameEnding(twice(scenario, calls), { once, placeOf });
  expect(calls.size).toBeGreaterThan(0);
  expect([...calls].filter(([, times]) => times !== 2)).toEqual([]);
  if (!crashes) return;
  for (const crashPoint of crashPointsOf(once)) await expectSameEnding(twice(scenario, new Map()), { once, placeOf, crashPoint });
}

interface Expected {
  readonly once: Awaited<ReturnType<typeof runScenario>>;
  readonly placeOf: () => CrashPlace;
  readonly crashPoint?: CrashPoint;
}

async function expectSameEnding(scenario: CrashScenario, { once, placeOf, crashPoint }: Expected): Promise<void> {
  const { fixed = (ending) => ending } = scenario;
  const { writes: _, ending, ...run } = await runScenario(scenario, placeOf(), ...(crashPoint ? [crashPoint] : []));
  const expected = { ending: fixed(once.ending), doneAgain: [], doneTooOften: [], changedTooLate: false };
  expect({ crashPoint, ending: fixed(ending), ...run }).toEqual({ crashPoint, ...expected });
}

/** The same scenario, but whoever calls a method of its saga calls it twice. */
const twice = (scenario: CrashScenario, calls: Calls): CrashScenario => ({
  ...scenario,
  callsPerAttempt: 2,
  ...sagaTwice(scenario, calls),
  also: (scenario.also ?? []).map((saga) => sagaTwice(saga, calls)),
});

const sagaTwice = ({ saga, make }: CrashSaga, calls: Calls): CrashSaga => ({
  saga,
  make: (deeds, sagas) =>
    aroundActions(make(deeds, sagas), async (call, context) => {
      const counted = (): unknown => {
        count(calls, context);
        return call();
      };
      return callTwice(counted);
    }),
});

function count(calls: Calls, { idempotencyKey, attempt }: SagaContext): void {
  const key = `${idempotencyKey}#${attempt}`;
  calls.set(key, (calls.get(key) ?? 0) + 1);
}
