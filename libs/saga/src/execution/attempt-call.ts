import { todaysName, underTodaysNames } from '../definition/begun-under.js';
import { idempotencyKeyOf } from '../definition/idempotency-key.js';
import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaContext } from '../definition/saga-context.js';
import { createCompensationContext, createStepContext, type StepContextParts } from '../definition/step-context.js';
import { traceContextOf } from '../definition/trace-context.js';
import { DEFAULTS } from '../planning/defaults.js';
import type { SagaInstance, StepDefinition } from '../planning/definition.js';
import { parseDuration } from '../planning/durations.js';
import { resultsFor } from '../planning/evaluate.js';
import { readableFailure } from '../planning/failure.js';
import { graphOf, isAfterPivot } from '../planning/graph.js';
import type { AttemptRef } from '../planning/journal.js';
import { decodePayload, type StoredValue } from '../planning/payload.js';
import type { ResolvedRetryPolicy } from '../planning/retry-policy.js';
import { type NodeState, nodeState, type SagaState, stepState, type Tries, triesOf } from '../planning/state.js';
import { MethodNotCalled } from './attempt-end.js';
import type { ChildPlace } from './child-sagas.js';
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
  envelope(): Envelope;
  /** For a method that returns a child saga. */
  childPlace(): ChildPlace;
  /** Calls the method. */
  call(signal: () => AbortSignal): unknown;
}

interface Situated {
  readonly registered: RegisteredSaga;
  /** Gives what has the methods. */
  readonly instanceFor: (context: SagaContext) => object | Promise<object>;
  readonly saga: SagaInstance;
  readonly state: SagaState;
  readonly step: StepDefinition;
  readonly node: NodeState;
}

/** @throws Error where the state has no such attempt: a fault of the library */
export function attemptCall({ registered, instanceFor, saga, state }: Omit<Situated, 'step' | 'node'>, attempt: AttemptRef): AttemptCall {
  const step = graphOf(registered.definition).byName.get(attempt.step);
  const node = nodeState(state, attempt);
  if (step === undefined || node === undefined) throw new Error(`${saga.name} has no step ${attempt.step}`);
  return new SituatedAttempt({ registered, instanceFor, saga, state, step, node }, attempt);
}

class SituatedAttempt implements AttemptCall {
  readonly place: string;
  readonly timeoutMs: number | null;
  readonly transactional: boolean;
  readonly retry: ResolvedRetryPolicy;

  constructor(
    private readonly situated: Situated,
    readonly attempt: AttemptRef,
  ) {
    const { saga, step, node } = situated;
    const rules = attempt.direction === 'forward' ? step : (step.compensation ?? step);
    this.place = `${saga.name}.${attempt.step}`;
    this.timeoutMs = timeoutOf(rules, triesOf(node, attempt.direction));
    this.transactional = rules.transactional;
    this.retry = rules.retry;
  }

  envelope(): Envelope {
    return envelopeOf(this.situated, this.attempt, this.timeoutMs);
  }

  childPlace(): ChildPlace {
    return childPlaceOf(this.situated, this.attempt);
  }

  call(signal: () => AbortSignal): unknown {
    const { situated, attempt } = this;
    return attempt.direction === 'forward' ? callForward(situated, attempt, signal) : callCompensation(situated, attempt, signal);
  }
}

/** A step's own limit can be days, for an answer that comes later. A question that is lost is to be asked again sooner. */
const timeoutOf = ({ timeoutMs }: { readonly timeoutMs: number | null }, { deferredAt }: Tries): number | null =>
  deferredAt === null ? timeoutMs : Math.min(timeoutMs ?? Infinity, ASK_TIMEOUT_MS);

const ASK_TIMEOUT_MS = parseDuration(DEFAULTS.stepTimeout, 'stepTimeout');

function childPlaceOf({ registered, saga, step, node }: Situated, { item }: AttemptRef): ChildPlace {
  return {
    parent: saga,
    node: { step: step.name, ...(item !== undefined && { item }) },
    round: node.round,
    isChildStep: step.child !== null,
    isPastPivot: isAfterPivot(graphOf(registered.definition), step.name),
  };
}

function callForward(situated: Situated, attempt: AttemptRef, signal: () => AbortSignal): unknown {
  const { registered, step, node } = situated;
  const context = createStepContext(new AttemptParts(situated, attempt, signal));
  const args: Args = step.wait === null ? [context] : [context, decodePayload(node.message?.payload)];
  return invoke(situated, registered.methods.get(step.name)?.action, args);
}

function callCompensation(situated: Situated, attempt: AttemptRef, signal: () => AbortSignal): unknown {
  const { registered, saga, state, step, node } = situated;
  const context = createCompensationContext(new AttemptParts(situated, attempt, signal), {
    outcome: node.status === 'succeeded' ? 'succeeded' : 'unknown',
    reason: state.failure ? readableFailure(state.failure) : { kind: 'failed', message: 'no reason is known' },
    forwardIdempotencyKey: idempotencyKeyOf(saga.id, { ...attempt, direction: 'forward' }),
  });
  return invoke(situated, registered.methods.get(step.name)?.compensation, [context, decodePayload(node.result)]);
}

class AttemptParts implements StepContextParts {
  readonly saga: SagaInstance;
  readonly step: string;
  readonly attempt: number;
  readonly idempotencyKey: string;

  constructor(
    private readonly situated: Situated,
    private readonly ref: AttemptRef,
    readonly signal: () => AbortSignal,
  ) {
    this.saga = situated.saga;
    this.step = ref.step;
    this.attempt = ref.attempt;
    this.idempotencyKey = idempotencyKeyOf(situated.saga.id, ref);
  }

  get item(): StoredValue | undefined {
    const { ref, situated } = this;
    return ref.item === undefined ? undefined : stepState(situated.state, ref.step).items?.[ref.item];
  }

  results(): Readonly<Record<string, StoredValue | undefined>> {
    const { registered, state } = this.situated;
    return underTodaysNames(registered, resultsFor({ state, graph: graphOf(registered.definition) }, this.step));
  }

  dependencies(): ReadonlySet<string> {
    const { registered } = this.situated;
    const names = graphOf(registered.definition).ancestors.get(this.step) ?? [];
    return new Set([...names].map((name) => todaysName(registered, name)));
  }
}

type Args = readonly [SagaContext, ...rest: readonly unknown[]];

/** Methods are found on the prototype and called through the instance. */
function invoke({ registered, instanceFor, step, saga }: Situated, method: string | undefined, args: Args): unknown {
  if (method === undefined) return undefined;
  const callOn = (instance: object): unknown => (instance as Record<string, (...given: Args) => unknown>)[method]?.(...args);
  const instance = instanceFor(args[0]);
  if (!(instance instanceof Promise)) return callOn(instance);
  const place = `${saga.name}.${step.name}`;
  return ready(instance, { place, type: registered.type.name, signal: args[0].signal }).then(callOn);
}

/** An instance of this attempt's own. Once the attempt is given up nothing may begin any more: what follows may have begun. [R22] */
async function ready(
  making: Promise<object>,
  { place, type, signal }: { readonly place: string; readonly type: string; readonly signal: AbortSignal },
): Promise<object> {
  const instance = await making.catch((thrown: unknown) => {
    throw new MethodNotCalled(`${place} was not called, because ${type} could not be made`, thrown);
  });
  if (signal.aborted) throw new MethodNotCalled(`${place} was not called`, signal.reason);
  return instance;
}

function envelopeOf({ saga, node }: Situated, attempt: AttemptRef, timeoutMs: number | null): Envelope {
  const forward = { ...attempt, direction: 'forward' as const };
  return {
    saga: saga.name,
    sagaId: saga.id,
    step: attempt.step,
    ...(attempt.item !== undefined && { item: attempt.item }),
    direction: attempt.direction,
    round: triesOf(node, attempt.direction).round,
    attempt: attempt.attempt,
    idempotencyKey: idempotencyKeyOf(saga.id, attempt),
    ...(attempt.direction === 'compensation' && {
      forwardIdempotencyKey: idempotencyKeyOf(saga.id, forward),
      forwardFirstSentAt: node.firstStartedAt ?? saga.startedAt,
    }),
    firstSentAt: triesOf(node, attempt.direction).firstStartedAt ?? saga.startedAt,
    ...(timeoutMs !== null && { timeoutMs }),
    metadata: saga.metadata,
    ...traceContextOf(saga.metadata),
  };
}
