import type { CompensationDefinition, Definition, SagaInstance, StepDefinition } from './definition.js';
import { resolveRetryPolicy, type RetryPolicy } from './retry-policy.js';

export interface StepTraits extends Partial<Omit<StepDefinition, 'name' | 'retry' | 'compensation'>> {
  readonly retry?: RetryPolicy;
  /** Null: nothing to undo. */
  readonly undo?: CompensationTraits | null;
}

export interface CompensationTraits extends Partial<Omit<CompensationDefinition, 'retry'>> {
  readonly retry?: RetryPolicy;
}

/** A step whose `after` is still open: left out, it is the step above. */
export type DraftStep = Omit<StepDefinition, 'after'> & { readonly after?: readonly string[] };

/** A compensatable step. Unless it says otherwise: one attempt each way, and pauses of 100ms without jitter. */
export function step(name: string, { retry, undo = {}, ...traits }: StepTraits = {}): DraftStep {
  return {
    name,
    was: [],
    kind: 'compensatable',
    concurrency: Infinity,
    onRejected: 'unwind',
    retry: policy(retry),
    timeoutMs: null,
    replyTimeoutMs: null,
    delayMs: 0,
    wait: null,
    child: null,
    transactional: false,
    idempotent: true,
    compensation: undo === null ? null : compensation(undo),
    ...traits,
  };
}

export const readonly = (name: string, traits: StepTraits = {}): DraftStep => step(name, { kind: 'readonly', undo: null, ...traits });

export const pivot = (name: string, traits: StepTraits = {}): DraftStep => step(name, { kind: 'pivot', undo: null, ...traits });

export const retriable = (name: string, traits: StepTraits = {}): DraftStep => step(name, { kind: 'retriable', undo: null, ...traits });

/** Its steps follow one another, except where `after` says otherwise. */
export function sagaOf(...steps: readonly DraftStep[]): Definition {
  return {
    name: 'order',
    version: 1,
    hash: 'hash',
    timeoutMs: null,
    maxPayload: 1_000,
    alertAfter: 3,
    crashLimit: 3,
    steps: steps.map((each, index) => {
      const above = steps[index - 1];
      return { after: above === undefined ? [] : [above.name], ...each };
    }),
  };
}

export const instanceOf = (definition: Definition, deadlineAt: number | null = null, startedAt = 0): SagaInstance => ({
  id: '0197',
  name: definition.name,
  version: definition.version,
  key: null,
  input: { order: 7 },
  metadata: {},
  startedAt,
  deadlineAt,
});

const compensation = ({ retry, ...traits }: CompensationTraits): CompensationDefinition => ({
  retry: policy(retry),
  timeoutMs: null,
  onUnknown: 'compensate',
  transactional: false,
  ...traits,
});

const policy = (given: RetryPolicy | undefined) =>
  resolveRetryPolicy(given, { attempts: 1, delay: 100, maxDelay: 10_000, factor: 2, jitter: 'none' });
