import fc from 'fast-check';

import { instanceOf, type StepTraits, pivot, readonly, retriable, sagaOf, step, type DraftStep } from './definition.fixture.js';
import type { Definition, SagaInstance, WaitDefinition } from './definition.js';

export interface RandomSaga {
  readonly definition: Definition;
  readonly instance: SagaInstance;
}

interface Choice {
  /** One bit for each step above it. */
  readonly dependsOn: number;
  readonly readonly: boolean;
  /** Steps stand in the class in this order, whatever depends on what. */
  readonly place: number;
  readonly traits: StepTraits;
}

const throws = (): never => {
  throw new Error('a fault in the definition');
};

const often = <Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(usual, ...others) });

const WAITS: readonly WaitDefinition[] = [
  { channel: 'event', name: 'paid', timeoutMs: null, onTimeout: 'fail' },
  { channel: 'event', name: 'paid', timeoutMs: 70, onTimeout: 'continue' },
  { channel: 'signal', name: 'approved', timeoutMs: 70, onTimeout: 'fail' },
  { channel: 'signal', name: 'approved', timeoutMs: null, onTimeout: 'continue' },
];

const retry = fc.record({
  attempts: fc.constantFrom(1 as const, 3, 4, 'unlimited' as const),
  delay: fc.constantFrom(0, 10, 50),
  jitter: fc.constantFrom('none', 'full'),
  within: often(100_000, 0, 60),
});

const traits: fc.Arbitrary<StepTraits> = fc.record({
  retry,
  when: often<StepTraits['when']>(
    undefined,
    () => true,
    () => false,
    throws,
  ),
  each: often<StepTraits['each']>(
    undefined,
    () => [],
    () => [1, 2],
    () => [1, 2, 3],
    () => [1, 2, 3, 4],
    throws,
  ),
  concurrency: fc.constantFrom(Infinity, 1, 2),
  onRejected: often<'unwind' | 'continue'>('unwind', 'continue'),
  timeoutMs: fc.constantFrom(null, 40, 500),
  replyTimeoutMs: often(null, 1_500, 500),
  delayMs: often(0, 30),
  transactional: often(false, true),
  idempotent: often(true, false),
  wait: often<StepTraits['wait']>(null, ...WAITS),
  child: often<StepTraits['child']>(null, { timeoutMs: null }, { timeoutMs: 60 }),
  undo: fc.record({ retry, onUnknown: often<'compensate' | 'skip'>('compensate', 'skip') }),
});

const choice: fc.Arbitrary<Choice> = fc.record({ dependsOn: fc.nat(255), readonly: often(false, true), place: often(0, 1, 2), traits });

/** Any saga that the boot would accept: two to eight steps, one pivot at most, every other step before or after it. */
export const randomSaga: fc.Arbitrary<RandomSaga> = fc
  .record({
    choices: fc.array(choice, { minLength: 2, maxLength: 8 }),
    pivotAt: fc.option(fc.nat(7), { freq: 2 }),
    deadlineAt: fc.option(fc.constantFrom(400, 150, 60), { freq: 1 }),
    crashLimit: fc.constantFrom(5, 3, 2, 1),
  })
  .map(({ choices, pivotAt, deadlineAt, crashLimit }) => {
    const steps = draftSteps(choices, pivotAt).map((draft, index) => ({ draft, place: choices[index]?.place ?? 0 }));
    const inClass = steps.toSorted((one, other) => one.place - other.place).map(({ draft }) => draft);
    const definition = { ...sagaOf(...inClass), crashLimit, alertAfter: 2 };
    return { definition, instance: instanceOf(definition, deadlineAt) };
  });

function draftSteps(choices: readonly Choice[], pivotAt: number | null): readonly DraftStep[] {
  const names = choices.map((_, index) => String.fromCodePoint(97 + index));
  return choices.map(
    ({ dependsOn, readonly: looksOnly, traits: { each, undo, onRejected, wait = null, child = null, ...common } }, index) => {
      const name = names[index] ?? '';
      const chosen = names.slice(0, index).filter((_, bit) => (dependsOn & (1 << bit)) !== 0);
      const waits = { wait: each === undefined ? lasting(wait, pivotAt === null || index <= pivotAt) : null };
      // Every step above is before the pivot, so it depends on them all.
      if (index === pivotAt) return pivot(name, { ...common, ...waits, after: names.slice(0, index) });
      const isPast = pivotAt !== null && index > pivotAt;
      const after = isPast ? [names[pivotAt] ?? '', ...chosen.filter((above) => names.indexOf(above) >= pivotAt)] : chosen;
      const fanned = { ...common, ...waits, after, ...(each && { each }), ...(onRejected && { onRejected }) };
      if (child !== null) return runningChild(name, { ...fanned, child, ...(undo && { undo }) });
      if (looksOnly) return readonly(name, fanned);
      return isPast ? retriable(name, fanned) : step(name, { ...fanned, ...(undo && { undo }) });
    },
  );
}

/** It undoes its child, and nobody can opt out of that. */
const runningChild = (name: string, { undo, ...others }: StepTraits): DraftStep =>
  step(name, { ...others, kind: 'child', wait: null, transactional: false, undo: { ...undo, onUnknown: 'compensate' } });

/** Past the pivot no wait may fail. */
const lasting = (wait: WaitDefinition | null, mayFail: boolean): WaitDefinition | null =>
  wait === null || mayFail ? wait : { ...wait, onTimeout: 'continue' };
