import { idempotencyKeyOf } from '../definition/idempotency-key.js';
import type { RegisteredSaga } from '../definition/registered-saga.js';
import { createCompensationContext, createStepContext } from '../definition/step-context.js';
import type { SagaInstance, StepDefinition } from '../planning/definition.js';
import { resultsFor } from '../planning/evaluate.js';
import { readableFailure } from '../planning/failure.js';
import { graphOf } from '../planning/graph.js';
import type { AttemptRef } from '../planning/journal.js';
import { decodePayload } from '../planning/payload.js';
import type { ResolvedRetryPolicy } from '../planning/retry-policy.js';
import { type NodeState, nodeState, type SagaState, stepState, triesOf } from '../planning/state.js';
import type { Envelope } from './command-dispatcher.js';

/** One attempt, ready to be made. */
export interface AttemptCall {
  readonly attempt: AttemptRef;
  /** `saga.step`, for messages. */
  readonly place: string;
  readonly timeoutMs: number | null;
  readonly transactional: boolean;
  readonly retry: ResolvedRetryPolicy;
  /** Without the wire's own fields. */
  readonly envelope: Envelope;
  /** Calls the method. */
  readonly call: (signal: AbortSignal) => unknown;
}

interface Situated {
  readonly registered: RegisteredSaga;
  /** Has the methods. */
  readonly instance: object;
  readonly saga: SagaInstance;
  readonly state: SagaState;
  readonly step: StepDefinition;
  readonly node: NodeState;
}

/** @throws Error where the state has no such attempt: a fault of the library */
export function attemptCall({ registered, instance, saga, state }: Omit<Situated, 'step' | 'node'>, attempt: AttemptRef): AttemptCall {
  const step = graphOf(registered.definition).byName.get(attempt.step);
  const node = nodeState(state, attempt);
  if (step === undefined || node === undefined) throw new Error(`${saga.name} has no step ${attempt.step}`);
  const situated: Situated = { registered, instance, saga, state, step, node };
  const rules = attempt.direction === 'forward' ? step : (step.compensation ?? step);
  return {
    attempt,
    place: `${saga.name}.${attempt.step}`,
    timeoutMs: rules.timeoutMs,
    transactional: rules.transactional,
    retry: rules.retry,
    envelope: envelopeOf(situated, attempt, rules.timeoutMs),
    call: attempt.direction === 'forward' ? forwardCall(situated, attempt) : compensationCall(situated, attempt),
  };
}

function forwardCall(situated: Situated, attempt: AttemptRef): AttemptCall['call'] {
  const { registered, instance, step } = situated;
  return (signal) =>
    invoke(instance, registered.methods.get(step.name)?.action, [createStepContext(contextParts(situated, attempt, signal))]);
}

function compensationCall(situated: Situated, attempt: AttemptRef): AttemptCall['call'] {
  const { registered, instance, saga, state, step, node } = situated;
  return (signal) => {
    const context = createCompensationContext({
      ...contextParts(situated, attempt, signal),
      outcome: node.status === 'succeeded' ? 'succeeded' : 'unknown',
      reason: state.failure ? readableFailure(state.failure) : { kind: 'failed', message: 'no reason is known' },
      forwardIdempotencyKey: idempotencyKeyOf(saga.id, { ...attempt, direction: 'forward' }),
    });
    return invoke(instance, registered.methods.get(step.name)?.compensation, [context, decodePayload(node.result)]);
  };
}

function contextParts(
  { registered, saga, state, step }: Situated,
  attempt: AttemptRef,
  signal: AbortSignal,
): Parameters<typeof createStepContext>[0] {
  const graph = graphOf(registered.definition);
  return {
    saga,
    step: attempt.step,
    item: attempt.item === undefined ? undefined : stepState(state, step.name).items?.[attempt.item],
    attempt: attempt.attempt,
    idempotencyKey: idempotencyKeyOf(saga.id, attempt),
    signal,
    results: resultsFor({ state, graph }, step.name),
    dependencies: graph.ancestors.get(step.name) ?? new Set(),
  };
}

/** Methods are found on the prototype and called through the instance. */
function invoke(instance: object, method: string | undefined, args: readonly unknown[]): unknown {
  return method === undefined ? undefined : (instance as Record<string, (...given: readonly unknown[]) => unknown>)[method]?.(...args);
}

function envelopeOf({ saga, node }: Situated, attempt: AttemptRef, timeoutMs: number | null): Envelope {
  const forward = { ...attempt, direction: 'forward' as const };
  return {
    saga: saga.name,
    sagaId: saga.id,
    step: attempt.step,
    ...(attempt.item !== undefined && { item: attempt.item }),
    direction: attempt.direction,
    round: 1,
    attempt: attempt.attempt,
    idempotencyKey: idempotencyKeyOf(saga.id, attempt),
    ...(attempt.direction === 'compensation' && {
      forwardIdempotencyKey: idempotencyKeyOf(saga.id, forward),
      forwardFirstSentAt: node.firstStartedAt ?? saga.startedAt,
    }),
    firstSentAt: triesOf(node, attempt.direction).firstStartedAt ?? saga.startedAt,
    ...(timeoutMs !== null && { timeoutMs }),
    metadata: saga.metadata,
  };
}
