import fc from 'fast-check';

import type { Plan, Trouble } from '../processes/node/settings.js';

/** More than any policy allows. */
const ALWAYS = 1_000;

const UNWINDS = ['cabin', 'excursions', 'deposit', 'approval'];
/** In a transaction of the database that is struck: a strike is a failure of its own, and has to find an attempt that is left. */
const BREAKS_WITH_THE_DATABASE = 'deposit';
/** A compensation is tried on, and so is what stands past the pivot. */
const IS_TRIED_ON = ['payment', 'tickets', 'cancelCabin', 'cancelExcursion', 'withdraw'];

const slow: fc.Arbitrary<Trouble> = fc.record({ slowMs: fc.integer({ min: 50, max: 400 }) });
const failing = (...times: readonly number[]): fc.Arbitrary<Trouble> =>
  fc.record({ fails: fc.constantFrom(...times), late: fc.boolean(), slowMs: fc.constantFrom(0, 0, 100) });

const troubled: fc.Arbitrary<readonly [string, Trouble]> = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...UNWINDS, ...IS_TRIED_ON), slow) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...IS_TRIED_ON), failing(1, 2)) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(...UNWINDS), fc.oneof(failing(1, 2), failing(ALWAYS), fc.constant<Trouble>({ refused: true }))),
  },
);

const plan: fc.Arbitrary<Plan> = fc
  .array(troubled, { maxLength: 4, size: 'max' })
  .map((troubles) => ({ troubles: sparing(Object.fromEntries(troubles)) }));

function sparing(troubles: Readonly<Record<string, Trouble>>): Readonly<Record<string, Trouble>> {
  const trouble = troubles[BREAKS_WITH_THE_DATABASE];
  return trouble?.fails === 2 ? { ...troubles, [BREAKS_WITH_THE_DATABASE]: { ...trouble, fails: 1 } } : troubles;
}

/** What is to happen to each saga; the same for the same seed. */
export const plansOf = (seed: number, sagas: number): readonly Plan[] => fc.sample(plan, { seed, numRuns: sagas });

/** How a saga of this plan has to end, whatever strikes it. */
export function endOf({ troubles = {} }: Plan): 'completed' | 'compensated' {
  const isLost = UNWINDS.some((deed) => troubles[deed]?.refused === true || troubles[deed]?.fails === ALWAYS);
  return isLost ? 'compensated' : 'completed';
}

export interface Strike {
  readonly what: 'kill' | 'freeze' | 'database';
  /** Chooses among the nodes that are awake. */
  readonly pick: number;
  /** Of a freeze: so many leases long. */
  readonly leases: number;
}

const BLOWS = ['kill', 'freeze', 'database'] as const;

/** Each of them once, in any order. */
const strikes: fc.Arbitrary<readonly Strike[]> = fc
  .tuple(
    fc.shuffledSubarray([...BLOWS], { minLength: BLOWS.length }),
    fc.array(fc.record({ pick: fc.nat(99), leases: fc.constantFrom(1.5, 2, 2.5) }), { minLength: BLOWS.length, maxLength: BLOWS.length }),
  )
  .map(([blows, details]) => details.map((detail, index) => ({ what: blows[index]!, ...detail })));

/** What strikes, one a second; the same for the same seed. */
export const strikesOf = (seed: number, seconds: number): readonly Strike[] =>
  fc
    .sample(strikes, { seed, numRuns: Math.ceil(seconds / BLOWS.length) })
    .flat()
    .slice(0, seconds);
