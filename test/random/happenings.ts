import fc from 'fast-check';

import type { CrashPoint } from '../crash-points/life.js';
import type { Outcome } from './deeds.js';
import { Order, SAGAS } from './sagas.js';
import type { Fault } from './watched-store.js';

/** One thing that happens. `pick` chooses among what it may happen to. */
export type Happening =
  | { readonly what: 'start'; readonly type: number }
  | { readonly what: 'time-passes' | 'clock-jumps'; readonly ms: number }
  | { readonly what: 'node-boots'; readonly crashPoint: CrashPoint | null }
  | { readonly what: 'node-dies' | 'node-stops' | 'late-write-arrives' | 'cancel' | 'take-back' }
  | { readonly what: 'store-fails'; readonly fault: Fault }
  | { readonly what: 'wakes-get-lost'; readonly times: number }
  | { readonly what: 'message'; readonly name: 'approve' | 'close' | 'Paid'; readonly dedupe: number | null };

export type Picked = Happening & { readonly pick: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('start' as const),
      type: fc.oneof(fc.nat(SAGAS.length - 1), fc.constant(SAGAS.indexOf(Order))),
    }),
  },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('time-passes' as const), ms: fc.constantFrom(5, 400, 1_600, 3_500) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('clock-jumps' as const), ms: fc.constantFrom(700, 12_000, 45_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('node-boots' as const),
      crashPoint: fc.option(fc.record({ write: fc.integer({ min: 3, max: 30 }), moment: fc.constantFrom('before', 'after') }), {
        freq: 8,
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom('node-dies' as const, 'late-write-arrives', 'late-write-arrives', 'cancel', 'take-back', 'take-back'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ what: 'node-stops' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('store-fails' as const),
      fault: fc.constantFrom<Fault>('not written', 'answer lost', 'written late'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wakes-get-lost' as const), times: fc.integer({ min: 1, max: 9 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('message' as const),
      name: fc.constantFrom('approve' as const, 'close', 'Paid'),
      dedupe: fc.option(fc.nat(1)),
    }),
  },
);

export const happenings: fc.Arbitrary<readonly Picked[]> = fc.array(
  fc.tuple(happening, fc.nat(50)).map(([what, pick]): Picked => ({ ...what, pick })),
  { minLength: 10, maxLength: 40, size: 'max' },
);

const OFTEN: readonly Outcome[] = ['well', 'well', 'well', 'well', 'throws', 'throws-too-late', 'slow'];

/** How the calls of methods end, in the order in which they are made. */
export const outcomes: fc.Arbitrary<readonly Outcome[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...OFTEN) },
    { weight: 1, arbitrary: fc.constantFrom<Outcome>('refused', 'refused', 'hangs', 'kills', 'kills-too-late') },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
);
