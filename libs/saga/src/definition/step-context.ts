import type { SagaInstance } from '../planning/definition.js';
import type { SagaFailure } from '../planning/failure.js';
import { decodePayload, type StoredValue } from '../planning/payload.js';
import type { StepOutcome } from '../planning/saga-status.js';
import { createResultReader } from './result-reader.js';
import { CompensationContext, SagaContext } from './saga-context.js';
import { StepContextError } from './step-context.error.js';

/** What one attempt of a step is made of; values in stored form. */
export interface StepContextParts {
  readonly saga: SagaInstance;
  readonly step: string;
  /** Where the step fans out. */
  readonly item?: StoredValue | undefined;
  /** 1-based. */
  readonly attempt: number;
  readonly idempotencyKey: string;
  /** Made when it is first asked for: most methods never do. */
  readonly signal: () => AbortSignal;
  /** By step; one that is missing left no result. Names outside `dependencies` are never read. */
  results(): Readonly<Record<string, StoredValue | undefined>>;
  /** All that the step depends on, directly or not. In a compensation: the step that it undoes. */
  dependencies(): ReadonlySet<string>;
}

/** What a compensation is told beyond what a step is. */
export interface CompensationFacts {
  readonly outcome: Exclude<StepOutcome, 'failed'>;
  readonly reason: SagaFailure;
  readonly forwardIdempotencyKey: string;
}

/** The context of one attempt. Values are decoded when they are first read, so that each attempt has copies of its own. [R2] */
export function createStepContext(parts: StepContextParts): SagaContext {
  return contextOf(SagaContext.prototype, parts);
}

export function createCompensationContext(parts: StepContextParts, facts: CompensationFacts): CompensationContext {
  return Object.assign(contextOf(CompensationContext.prototype, parts), facts);
}

/** Where a context keeps what its getters read; not enumerable, so that no copy of the context has it. */
const READING = Symbol('reading');

class Reading {
  // What was read stays as it was read.
  input: readonly [unknown] | undefined;
  item: readonly [unknown] | undefined;
  results: object | undefined;

  constructor(readonly parts: StepContextParts) {}
}

interface ReadContext {
  readonly [READING]: Reading;
}

const getter = (read: (reading: Reading) => unknown): PropertyDescriptor => ({
  enumerable: true,
  configurable: true,
  get(this: ReadContext) {
    return read(this[READING]);
  },
});

const SIGNAL = getter(({ parts }) => parts.signal());
const INPUT = getter((reading) => (reading.input ??= [decodePayload(reading.parts.saga.input)])[0]);
const ITEM = getter((reading) => (reading.item ??= [decodePayload(reading.parts.item)])[0]);
const RESULTS = getter((reading) => (reading.results ??= resultsOf(reading.parts)));

/**
 * Own properties, so that a context can be destructured and spread. All contexts have the same getters: with getters of its own each would have a
 * hidden class of its own, which lives in V8's old generation and refers to them, and through them to all of its saga. The collector of young objects then
 * copied nearly all that sagas left behind, a fifth of a node's time.
 */
function contextOf(prototype: SagaContext, parts: StepContextParts): SagaContext {
  const { saga, step, attempt, idempotencyKey } = parts;
  const context = Object.create(prototype) as SagaContext;
  Object.assign(context, { sagaId: saga.id, metadata: { ...saga.metadata }, step, attempt, idempotencyKey });
  Object.defineProperty(context, READING, { value: new Reading(parts) });
  Object.defineProperty(context, 'signal', SIGNAL);
  Object.defineProperty(context, 'input', INPUT);
  Object.defineProperty(context, 'item', ITEM);
  Object.defineProperty(context, 'results', RESULTS);
  return context;
}

function resultsOf(parts: StepContextParts): object {
  const { saga, step } = parts;
  const given = parts.results();
  const stored = (name: string): StoredValue | undefined => (Object.hasOwn(given, name) ? given[name] : undefined);
  const readers = new Map([...parts.dependencies()].map((name) => [name, () => decodePayload(stored(name))]));
  return createResultReader(readers, (name) => {
    const message = `${saga.name}.${step} reads results.${name}, which it does not depend on. Add after: '${name}'.`;
    return new StepContextError(message, { saga: saga.name, sagaId: saga.id, step });
  });
}
