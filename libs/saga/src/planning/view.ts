import type { Definition, SagaInstance, StepDefinition, StepKind } from './definition.js';
import { resultOf } from './evaluate.js';
import { readableFailure, type SagaFailure } from './failure.js';
import { decodePayload } from './payload.js';
import type { SagaStatus, StepStatus } from './saga-status.js';
import { type WaitingFor, waitingFor } from './waiting-for.js';
import { type CompensationState, type NodeState, type SagaState, stepState } from './state.js';

/** A saga as it stood when it was read: a copy, which does not change. */
export interface SagaView {
  /** A UUID. */
  readonly id: string;
  /** Of the definition. */
  readonly name: string;
  /** Of the definition. */
  readonly version: number;
  /** Business key; null: it has none. */
  readonly key: string | null;
  /** stuck: it waits for an operator, and `failure` says why. */
  readonly status: SagaStatus;
  /** An operator holds it: nothing begins. */
  readonly paused: boolean;
  /** As it was stored. */
  readonly input: unknown;
  /** What the start was given. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Why it unwinds, was undone, or is stuck; null: none of these. */
  readonly failure: SagaFailure | null;
  /** What it waits for while no attempt is under way; null: it does not wait. */
  readonly waitingFor: WaitingFor | null;
  /** In graph order; only those that something happened to, where the definition is not known here. */
  readonly steps: readonly StepView[];
  /** By the database's clock. */
  readonly startedAt: Date;
  /** Null: it has not ended. */
  readonly endedAt: Date | null;
  /** It ended longer ago than `retention`: its steps, input, metadata and failure were deleted. Left out: they are there. */
  readonly emptied?: true;
}

/** One step of a view, or one item of a step. */
export interface StepView {
  /** Its name. */
  readonly step: string;
  /** As the definition says it; left out where this process does not know the definition, and for items. */
  readonly kind?: StepKind;
  /** Names of the steps that must be done first; left out where `kind` is. */
  readonly after?: readonly string[];
  /** unknown: it may have had its effect. */
  readonly status: StepStatus;
  /** Calls so far, those cut short by a crash included; of all items, where it fans out. */
  readonly attempts: number;
  /** What it returned, as stored; left out: nothing yet. */
  readonly result?: unknown;
  /** Of its last attempt that failed. */
  readonly error?: { readonly code?: string; readonly message: string };
  /** Null: it owes none, or none yet: the saga does not unwind. */
  readonly compensation: CompensationView | null;
  /** One for each item, in a step that fans out. */
  readonly items?: readonly StepView[];
  /** Of its first attempt; null: it has not begun. */
  readonly startedAt: Date | null;
  /** Null: it has not ended. */
  readonly endedAt: Date | null;
}

/** How far the compensation of a step is. */
export interface CompensationView {
  /** skipped and resolved: by an operator. */
  readonly status: CompensationState['status'];
  /** Calls so far. */
  readonly attempts: number;
  /** Of its last attempt that failed. */
  readonly error?: { readonly code?: string; readonly message: string };
}

/** What is to be viewed. */
export interface Viewed {
  readonly instance: SagaInstance;
  readonly state: SagaState;
  readonly paused: boolean;
  /** Undefined where this process does not know it. */
  readonly definition: Definition | undefined;
}

export function viewOf({ instance, state, paused, definition }: Viewed): SagaView {
  const { id, name, version, key, metadata } = instance;
  const names = definition ? definition.steps.map((step) => step.name) : Object.keys(state.steps);
  return {
    id,
    name,
    version,
    key,
    status: state.status,
    paused,
    input: decodePayload(instance.input),
    metadata,
    failure: state.failure && readableFailure(state.failure),
    waitingFor: waitingFor(state),
    steps: names.map((step) =>
      stepView(
        state,
        step,
        definition?.steps.find((known) => known.name === step),
      ),
    ),
    startedAt: new Date(instance.startedAt),
    endedAt: dateOf(state.endedAt),
  };
}

function stepView(state: SagaState, step: string, known: StepDefinition | undefined): StepView {
  const { items, nodes } = stepState(state, step);
  const views = nodes.map((node) => nodeView(node, { step, known, unwinding: state.unwinding }));
  const [only] = views;
  const place = known && { kind: known.kind, after: known.after };
  if (items === null && only !== undefined) return { ...only, ...place };
  return {
    step,
    ...place,
    status: statusOfAll(nodes),
    attempts: nodes.reduce((sum, { attempts }) => sum + attempts, 0),
    result: decodePayload(resultOf(state, step, true)),
    compensation: null,
    items: views,
    startedAt: dateOf(earliest(nodes.map(({ startedAt }) => startedAt))),
    endedAt: nodes.every(({ endedAt }) => endedAt !== null) ? dateOf(latest(nodes.map(({ endedAt }) => endedAt))) : null,
  };
}

interface NodePlace {
  readonly step: string;
  readonly known: StepDefinition | undefined;
  readonly unwinding: boolean;
}

function nodeView(node: NodeState, { step, known, unwinding }: NodePlace): StepView {
  const { status, attempts, result, error, compensation, startedAt, endedAt } = node;
  const isOwed = unwinding && known?.compensation !== null && (status === 'succeeded' || status === 'unknown');
  return {
    step,
    status,
    attempts,
    ...(result !== undefined && { result: decodePayload(result) }),
    ...(error && { error: shortError(error) }),
    compensation:
      isOwed || compensation.status !== 'pending'
        ? {
            status: compensation.status,
            attempts: compensation.attempts,
            ...(compensation.error && { error: shortError(compensation.error) }),
          }
        : null,
    startedAt: dateOf(startedAt),
    endedAt: dateOf(endedAt),
  };
}

const shortError = ({ code, message }: { readonly code?: string; readonly message: string }): { code?: string; message: string } => ({
  ...(code !== undefined && { code }),
  message,
});

/** Of a step that fans out: the status that says most of what is still to come, or went wrong. */
function statusOfAll(nodes: readonly NodeState[]): StepStatus {
  const order: readonly StepStatus[] = ['unknown', 'failed', 'started', 'waiting', 'pending', 'skipped'];
  const found = order.find((status) => nodes.some((node) => node.status === status && !node.passed));
  return found ?? 'succeeded';
}

const dateOf = (time: number | null): Date | null => (time === null ? null : new Date(time));

const known = (times: readonly (number | null)[]): number[] => times.filter((time) => time !== null);

const earliest = (times: readonly (number | null)[]): number | null => (known(times).length === 0 ? null : Math.min(...known(times)));

const latest = (times: readonly (number | null)[]): number | null => (known(times).length === 0 ? null : Math.max(...known(times)));
