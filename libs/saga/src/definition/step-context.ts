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
  readonly results: () => Readonly<Record<string, StoredValue | undefined>>;
  /** All that the step depends on, directly or not. In a compensation: the step that it undoes. */
  readonly dependencies: () => ReadonlySet<string>;
}

export interface CompensationContextParts extends StepContextParts {
  readonly outcome: Exclude<StepOutcome, 'failed'>;
  readonly reason: SagaFailure;
  readonly forwardIdempotencyKey: string;
}

/** The context of one attempt. Values are decoded when they are first read, so that each attempt has copies of its own. [R2] */
export function createStepContext(parts: StepContextParts): SagaContext {
  return contextOf(SagaContext.prototype, parts);
}

export function createCompensationContext(parts: CompensationContextParts): CompensationContext {
  const { outcome, reason, forwardIdempotencyKey } = parts;
  return Object.assign(contextOf(CompensationContext.prototype, parts), { outcome, reason, forwardIdempotencyKey });
}

/** Own properties, so that a context can be destructured and spread. One literal, because descriptors cost five times as much. */
function contextOf(prototype: SagaContext, parts: StepContextParts): SagaContext {
  const { saga, step, attempt, idempotencyKey } = parts;
  // What was read stays as it was read.
  const read: { input?: readonly [unknown]; item?: readonly [unknown]; results?: object } = {};
  return {
    // @ts-expect-error -- the prototype of a literal, which the types do not know
    __proto__: prototype,
    sagaId: saga.id,
    metadata: { ...saga.metadata },
    step,
    attempt,
    idempotencyKey,
    get signal() {
      return parts.signal();
    },
    get input() {
      return (read.input ??= [decodePayload(saga.input)])[0];
    },
    get item() {
      return (read.item ??= [decodePayload(parts.item)])[0];
    },
    get results() {
      return (read.results ??= resultsOf(parts)) as never;
    },
  };
}

function resultsOf({ saga, step, results, dependencies }: StepContextParts): object {
  const given = results();
  const stored = (name: string): StoredValue | undefined => (Object.hasOwn(given, name) ? given[name] : undefined);
  const readers = new Map([...dependencies()].map((name) => [name, () => decodePayload(stored(name))]));
  return createResultReader(readers, (name) => {
    const message = `${saga.name}.${step} reads results.${name}, which it does not depend on. Add after: '${name}'.`;
    return new StepContextError(message, { saga: saga.name, sagaId: saga.id, step });
  });
}
