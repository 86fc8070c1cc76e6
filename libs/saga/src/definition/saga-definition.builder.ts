import type { Type } from '@nestjs/common';

import { DEFAULTS } from '../planning/defaults.js';
import type { CompensationDefinition, Definition, StepDefinition, StepKind, WaitDefinition } from '../planning/definition.js';
import { type Duration, parseDuration } from '../planning/durations.js';
import { type ResolvedRetryPolicy, resolveRetryPolicy, type RetryPolicy } from '../planning/retry-policy.js';
import { conditionsOf } from './conditions.js';
import { graphHash } from './graph-hash.js';
import type { AwaitedEvent, RegisteredSaga, StepMethods } from './registered-saga.js';
import type { SagaMetadata } from './saga-metadata.accessor.js';
import type { CompensateOptions } from './compensate.decorator.js';
import type { StepMetadata } from './saga-metadata.js';
import type { StepOptions } from './saga-step.decorator.js';
import { startRulesOf } from './start-rules.js';
import { type StepGraph, type StepNode } from './step-graph.js';

/** What the module says for all sagas; what it leaves open is in `planning/defaults.ts`. */
export interface DefinitionDefaults {
  readonly retry?: RetryPolicy;
  readonly compensationRetry?: RetryPolicy;
  readonly stepTimeout?: Duration;
  readonly maxPayload?: number;
  readonly alertAfter?: number;
  readonly crashLimit?: number;
}

/** Where a definition stands: its class's metadata, its graph, and what holds for all. */
interface Plan {
  readonly metadata: SagaMetadata;
  readonly defaults: DefinitionDefaults;
}

/** Makes a definition of a class without faults: call `faultsOf` first. */
export function buildSaga(metadata: SagaMetadata, graph: StepGraph, defaults: DefinitionDefaults): RegisteredSaga {
  const { type, options } = metadata;
  const { key, input, scope } = options;
  return {
    type,
    definition: buildDefinition({ metadata, defaults }, graph),
    methods: new Map(graph.steps.map(({ name }) => [name, methodsOf(metadata, name)])),
    startRules: startRulesOf(options),
    awaitedEvents: metadata.steps.flatMap((step) => (step.via === 'event' ? [awaitedEventOf(step)] : [])),
    signals: new Set(metadata.steps.flatMap((step) => (step.via === 'signal' ? [step.signal] : []))),
    ...(key && { key }),
    ...(input && { inputSchema: input }),
    ...(scope !== undefined && { scope }),
  };
}

function buildDefinition(plan: Plan, graph: StepGraph): Definition {
  const { options } = plan.metadata;
  const { maxPayload = DEFAULTS.maxPayload, alertAfter = DEFAULTS.alertAfter, crashLimit = DEFAULTS.crashLimit } = plan.defaults;
  const steps = graph.steps.map((node) => buildStep(plan, node));
  return {
    name: options.name,
    version: options.version ?? 1,
    hash: graphHash(steps),
    timeoutMs: options.timeout === undefined ? null : parseDuration(options.timeout, 'timeout'),
    steps,
    maxPayload,
    alertAfter,
    crashLimit,
  };
}

function buildStep(plan: Plan, node: StepNode): StepDefinition {
  const { name, after, metadata } = node;
  const kind = knownKind(node);
  const options = callOptionsOf(metadata);
  const compensation = plan.metadata.compensations.find(({ step }) => step === name);
  const transactional = options.transactional ?? false;
  return {
    name,
    was: [options.was ?? []].flat(),
    kind,
    after,
    ...conditionsOf(node),
    concurrency: options.concurrency ?? Infinity,
    onRejected: options.onRejected ?? 'unwind',
    retry: stepRetry(plan, kind, options.retry),
    timeoutMs: stepTimeout(plan, kind, options.timeout),
    replyTimeoutMs: ownTimeout(kind === 'child' ? undefined : options.timeout),
    delayMs: parseDuration(options.delay ?? 0, 'delay'),
    wait: waitOf(metadata),
    child: kind === 'child' ? { timeoutMs: ownTimeout(options.timeout) } : null,
    transactional,
    idempotent: options.idempotent ?? true,
    compensation: compensation === undefined && kind !== 'child' ? null : buildCompensation(plan, compensation?.options, transactional),
  };
}

function buildCompensation({ metadata, defaults }: Plan, options: CompensateOptions = {}, transactional = false): CompensationDefinition {
  const saga = metadata.options;
  return {
    retry: resolveRetryPolicy(options.retry, saga.compensationRetry, defaults.compensationRetry, DEFAULTS.compensationRetry),
    timeoutMs: parseDuration(options.timeout ?? defaults.stepTimeout ?? DEFAULTS.stepTimeout, 'timeout'),
    onUnknown: options.onUnknown ?? 'compensate',
    transactional: options.transactional ?? transactional,
  };
}

/** Past the pivot a step is tried without limit, unless it sets one itself. The pivot keeps its policy: it counts while nothing can have happened. [R11] */
function stepRetry({ metadata, defaults }: Plan, kind: StepKind, own: RetryPolicy | undefined): ResolvedRetryPolicy {
  const policy = resolveRetryPolicy(own, metadata.options.retry, defaults.retry, DEFAULTS.retry);
  if (kind !== 'retriable') return policy;
  return {
    ...policy,
    ...(own?.attempts === undefined && { attempts: Infinity }),
    ...(own?.within === undefined && { withinMs: Infinity }),
  };
}

/** Of one attempt. A child step's own limit is that of its child, which takes its time otherwise. [R34] */
function stepTimeout({ defaults }: Plan, kind: StepKind, own: Duration | undefined): number | null {
  return parseDuration((kind === 'child' ? undefined : own) ?? defaults.stepTimeout ?? DEFAULTS.stepTimeout, 'timeout');
}

/** Of all that is waited for. Null: the step says nothing. [R34] */
const ownTimeout = (own: Duration | undefined): number | null => (own === undefined ? null : parseDuration(own, 'timeout'));

/** What a step says of its method. Where it waits, `timeout` limits the wait, not the call. */
function callOptionsOf(step: StepMetadata): StepOptions {
  if (step.via === 'call') return step.options;
  const { delay, was } = step.options;
  return { ...(delay !== undefined && { delay }), ...(was !== undefined && { was }) };
}

const awaitedEventOf = ({ event, key }: Extract<StepMetadata, { via: 'event' }>): AwaitedEvent => ({
  event: event as Type<object>,
  name: event.name,
  keyOf: key as AwaitedEvent['keyOf'],
});

function waitOf(step: StepMetadata): WaitDefinition | null {
  if (step.via === 'call') return null;
  const { timeout, onTimeout = 'fail' } = step.options;
  const timeoutMs = ownTimeout(timeout);
  const name = step.via === 'event' ? step.event.name : step.signal;
  return { channel: step.via, name, timeoutMs, onTimeout };
}

function methodsOf({ compensations }: SagaMetadata, step: string): StepMethods {
  const compensation = compensations.find((entry) => entry.step === step)?.method;
  return { action: step, ...(compensation !== undefined && { compensation }) };
}

function knownKind({ name, kind }: StepNode): StepKind {
  if (kind === undefined) throw new TypeError(`the kind of ${name} is not known: the graph has faults`);
  return kind;
}
