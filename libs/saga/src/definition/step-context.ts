import type { SagaInstance } from '../planning/definition.js';
import type { SagaFailure } from '../planning/failure.js';
import { decodePayload, type StoredValue } from '../planning/payload.js';
import type { StepOutcome } from '../planning/saga-status.js';
import { lazy } from './lazy.js';
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
  readonly signal: AbortSignal;
  /** By step; one that is missing left no result. Names outside `dependencies` are never read. */
  readonly results: Readonly<Record<string, StoredValue | undefined>>;
  /** All that the step depends on, directly or not. In a compensation: the step that it undoes. */
  readonly dependencies: ReadonlySet<string>;
}

export interface CompensationContextParts extends StepContextParts {
  readonly outcome: Exclude<StepOutcome, 'failed'>;
  readonly reason: SagaFailure;
  readonly forwardIdempotencyKey: string;
}

/** The context of one attempt. Values are decoded when they are first read, so that each attempt has copies of its own. [R2] */
export function createStepContext(parts: StepContextParts): SagaContext {
  return Object.create(SagaContext.prototype, contextProperties(parts)) as SagaContext;
}

export function createCompensationContext(parts: CompensationContextParts): CompensationContext {
  const { outcome, reason, forwardIdempotencyKey } = parts;
  const properties = { ...contextProperties(parts), ...given({ outcome, reason, forwardIdempotencyKey }) };
  return Object.create(CompensationContext.prototype, properties) as CompensationContext;
}

/** Own properties, so that a context can be destructured and spread. */
function contextProperties(parts: StepContextParts): PropertyDescriptorMap {
  const { saga, step, item, attempt, idempotencyKey, signal } = parts;
  return {
    ...given({ sagaId: saga.id, metadata: { ...saga.metadata }, step, attempt, idempotencyKey, signal }),
    input: lazy(() => decodePayload(saga.input)),
    item: lazy(() => decodePayload(item)),
    results: lazy(() => resultsOf(parts)),
  };
}

function resultsOf({ saga, step, results, dependencies }: StepContextParts): object {
  const stored = (name: string): StoredValue | undefined => (Object.hasOwn(results, name) ? results[name] : undefined);
  const readers = new Map([...dependencies].map((name) => [name, () => decodePayload(stored(name))]));
  return createResultReader(readers, (name) => {
    const message = `${saga.name}.${step} reads results.${name}, which it does not depend on. Add after: '${name}'.`;
    return new StepContextError(message, { saga: saga.name, sagaId: saga.id, step });
  });
}

function given(values: Readonly<Record<string, unknown>>): PropertyDescriptorMap {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, enumerable: true, configurable: true }]));
}
