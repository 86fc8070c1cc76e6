import fc from 'fast-check';

import type { Order } from './shop/order-sagas.js';

export const ROLES = ['orchestrator', 'stock', 'till', 'gateway'] as const;

export interface Kill {
  readonly role: (typeof ROLES)[number];
  /** Chooses among those of this role. */
  readonly pick: number;
}

const plan: fc.Arbitrary<Omit<Order, 'order'>> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ hasty: true, packed: false }) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        packed: fc.constantFrom(true, false, false, false),
        refusedBy: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, 'stock', 'till', 'packer', 'carrier', 'carrier'),
      } as const)
      .map(({ packed, refusedBy }) => ({ hasty: false, packed, ...(refusedBy && { refusedBy }) })),
  },
);

/** The same for the same seed. */
export const ordersOf = (seed: number, count: number): readonly Order[] =>
  fc.sample(plan, { seed, numRuns: count }).map((one, index) => ({ ...one, order: `order-${index + 1}` }));

/** One after another; the same for the same seed. Each role once, in any order, before one has its turn again. */
export const killsOf = (seed: number, count: number): readonly Kill[] =>
  fc
    .sample(fc.tuple(fc.shuffledSubarray([...ROLES], { minLength: ROLES.length }), fc.array(fc.nat(99), { minLength: 4, maxLength: 4 })), {
      seed,
      numRuns: Math.ceil(count / ROLES.length),
    })
    .flatMap(([roles, picks]) => roles.map((role, index) => ({ role, pick: picks[index] ?? 0 })))
    .slice(0, count);

/** Somebody refuses it, so that it cannot be completed, whatever strikes. */
export const isRefused = ({ hasty, packed, refusedBy }: Order): boolean =>
  hasty || (refusedBy !== undefined && (refusedBy !== 'packer' || packed));
