import type { SagaFailure } from './failure.js';
import { childAfter, childAtEnd } from './fold-child.js';
import { JournalFault } from './journal-fault.js';
import type { AttemptRef, Entry, EntryBody, NodeRef } from './journal.js';
import type { SagaStatus } from './saga-status.js';
import {
  type CompensationState,
  NEW_NODE,
  NEW_SAGA,
  type NodeState,
  type SagaState,
  type StepState,
  type Tries,
  stepState,
  withNode,
} from './state.js';
import { COMPENSATION_TRANSITIONS, SAGA_TRANSITIONS, STEP_TRANSITIONS } from './transitions.js';

type EntryOf<Kind extends EntryBody['kind']> = Extract<Entry, { kind: Kind }>;
type NodeEntry = Extract<Entry, NodeRef>;

/** The state that a journal tells of. Throws JournalFault at the first entry that does not fit. [R4] */
export const fold = (journal: readonly Entry[], from: SagaState = NEW_SAGA): SagaState => journal.reduce(apply, from);

/** The state after one more entry. */
export function apply(state: SagaState, entry: Entry): SagaState {
  if (entry.sequence !== state.sequence + 1) throw new JournalFault(entry, `comes after sequence ${state.sequence}`);
  return { ...readBody(state, entry), sequence: entry.sequence };
}

/** What is not shaped as an entry is a fault of the journal, too: it must stop no other saga. [R4, R32] */
function readBody(state: SagaState, entry: Entry): SagaState {
  try {
    return applyBody(state, entry);
  } catch (error) {
    if (error instanceof JournalFault) throw error;
    throw new JournalFault(entry, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function applyBody(state: SagaState, entry: Entry): SagaState {
  switch (entry.kind) {
    case 'saga-started':
      return enter(state, entry);
    case 'cancel-requested':
      // The first reason stays. [R30]
      return { ...enter(state, entry), cancelReason: state.cancelReason ?? entry.reason };
    case 'alert-raised':
      return { ...enter(state, entry), deadlineAlerted: state.deadlineAlerted || entry.deadline === true };
    case 'definition-changed':
      return { ...enter(state, entry), hash: entry.hash };
    case 'unwinding-began':
      // It may be a completed one that is taken back.
      return { ...enter(state, entry), unwinding: true, failure: entry.failure, endedAt: null };
    case 'retry-requested':
      return goOn(enter(state, entry));
    case 'saga-paused':
    case 'saga-resumed':
      return { ...enter(state, entry), paused: entry.kind === 'saga-paused' };
    case 'saga-stuck':
      return { ...enter(state, entry), failure: entry.failure };
    case 'saga-completed':
      return { ...enter(state, entry), endedAt: entry.at };
    case 'saga-compensated':
      return { ...enter(state, entry), failure: entry.failure, endedAt: entry.at };
    case 'message-received':
      return receive(enter(state, entry), entry);
    case 'reply-ignored':
      return state;
    case 'step-fanned-out':
      return fanOut(state, entry);
    default:
      return applyToNode(state, entry);
  }
}

function enter(state: SagaState, entry: Entry): SagaState {
  const status: SagaStatus | undefined = SAGA_TRANSITIONS[state.status][entry.kind];
  if (status === undefined) throw new JournalFault(entry, `is illegal in a saga that is ${state.status}`);
  return { ...state, status };
}

/** Out of `stuck`, in the direction in which it went. What held it up is no reason any more. */
const goOn = (state: SagaState): SagaState => ({
  ...state,
  status: state.unwinding ? 'compensating' : 'running',
  failure: state.unwinding && state.failure ? withoutLeft(state.failure) : null,
});

const withoutLeft = ({ left: _left, ...failure }: SagaFailure): SagaFailure => failure;

/** Something happens to a step: the saga runs, or unwinds. A stuck one is moved by its operator alone. */
function move(state: SagaState, entry: Entry): SagaState {
  if (state.status === 'pending') return { ...state, status: 'running' };
  if (state.status === 'stuck' && 'by' in entry) return goOn(state);
  if (state.status === 'running' || state.status === 'compensating') return state;
  throw new JournalFault(entry, `is illegal in a saga that is ${state.status}`);
}

function receive(state: SagaState, { sequence, channel, name, payload }: EntryOf<'message-received'>): SagaState {
  return { ...state, inbox: [...state.inbox, { sequence, channel, name, ...(payload !== undefined && { payload }) }] };
}

function fanOut(state: SagaState, entry: EntryOf<'step-fanned-out'>): SagaState {
  const { items, nodes } = stepState(state, entry.step);
  if (items !== null || nodes[0]?.status !== 'pending') throw new JournalFault(entry, 'is illegal in a step that has begun');
  return withStep(move(state, entry), entry.step, { items: entry.items, nodes: entry.items.map(() => NEW_NODE) });
}

function applyToNode(before: SagaState, entry: NodeEntry): SagaState {
  const state = move(before, entry);
  const step = stepState(state, entry.step);
  const index = entry.item ?? 0;
  const node = step.nodes[index];
  if (node === undefined || (entry.item === undefined) !== (step.items === null))
    throw new JournalFault(entry, 'names an item that the step does not have');
  const next = isOfCompensation(entry) ? compensate(state, node, entry) : proceed(state, node, entry);
  return withStep(ofSaga(state, entry), entry.step, withNode(step, index, next));
}

/** What an entry of a step changes in the saga as a whole: its pivot has begun, or a message is taken. */
function ofSaga(state: SagaState, entry: NodeEntry): SagaState {
  const pivotBegun = state.pivotBegun || ('pivot' in entry && entry.pivot === true);
  const taken = takenBy(entry);
  if (taken === undefined) return pivotBegun === state.pivotBegun ? state : { ...state, pivotBegun };
  return { ...state, pivotBegun, inbox: state.inbox.filter(({ sequence }) => sequence !== taken) };
}

const takenBy = (entry: NodeEntry): number | undefined =>
  'message' in entry && typeof entry.message === 'number' ? entry.message : undefined;

/** A message is taken once: an entry that takes one that is not there is a fault. */
function messageOf(state: SagaState, entry: EntryOf<'attempt-started'>): Pick<NodeState, 'message'> {
  if (entry.message === undefined) return {};
  const message = state.inbox.find(({ sequence }) => sequence === entry.message);
  if (message === undefined) throw new JournalFault(entry, `takes message ${entry.message}, which is not there`);
  return message.payload === undefined ? {} : { message: message.payload };
}

const withStep = (state: SagaState, name: string, step: StepState): SagaState => ({ ...state, steps: { ...state.steps, [name]: step } });

const isOfCompensation = (entry: NodeEntry): boolean =>
  'direction' in entry ? entry.direction === 'compensation' : entry.kind.startsWith('compensation-');

function proceed(state: SagaState, node: NodeState, entry: NodeEntry): NodeState {
  const status = STEP_TRANSITIONS[node.status][entry.kind];
  if (status === undefined) throw new JournalFault(entry, `is illegal in a step that is ${node.status}`);
  const next: NodeState = { ...node, ...tries(node, entry), status, wait: null, child: childAtEnd(node.child, takenBy(entry)) };
  switch (entry.kind) {
    case 'attempt-started':
      if (state.unwinding) throw new JournalFault(entry, 'starts forward work in a saga that unwinds');
      return { ...next, ...messageOf(state, entry), startedAt: node.startedAt ?? entry.at };
    case 'step-delayed':
      return { ...next, dueAt: entry.dueAt };
    case 'step-waits':
      return { ...next, wait: entry.wait };
    case 'attempt-failed':
    case 'attempt-interrupted':
      return {
        ...next,
        mayHaveEffect: node.mayHaveEffect || entry.effect === 'possible',
        quietUntil: latest(node.quietUntil, quietOf(entry)),
      };
    case 'step-reopened':
      return reopen(node, next);
    case 'child-chosen':
    case 'child-started':
    case 'child-recalled':
      return { ...next, child: childAfter(node.child, entry) };
    case 'step-succeeded':
    case 'step-resolved':
      return { ...next, endedAt: entry.at, ...(entry.result !== undefined && { result: entry.result }) };
    case 'step-failed':
      return {
        ...next,
        endedAt: entry.at,
        error: entry.error,
        refused: entry.refused,
        passed: entry.passed ?? false,
        timedOut: entry.timedOut ?? false,
      };
    case 'step-unknown':
      return {
        ...next,
        endedAt: entry.at,
        error: entry.error,
        refused: entry.refused ?? false,
        timedOut: entry.timedOut ?? false,
        quietUntil: latest(node.quietUntil, quietOf(entry)),
      };
    default:
      return { ...next, endedAt: entry.at };
  }
}

/** What never ran is asked anew whether it is to run; what may have had an effect is remembered. */
const reopen = (before: NodeState, next: NodeState): NodeState => {
  const mayHaveEffect = before.mayHaveEffect || before.status === 'unknown';
  return {
    ...next,
    status: before.attempts === 0 ? 'pending' : 'started',
    mayHaveEffect,
    firstStartedAt: mayHaveEffect ? before.firstStartedAt : null,
    // One that may be there and has not ended goes on; else an operator's retry runs a child of its own. [R31]
    child: before.status !== 'failed' && before.child?.ended === false ? before.child : null,
    refused: false,
    timedOut: false,
    endedAt: null,
  };
};

function compensate(state: SagaState, node: NodeState, entry: NodeEntry): NodeState {
  const { compensation } = node;
  const status = COMPENSATION_TRANSITIONS[compensation.status][entry.kind];
  if (status === undefined) throw new JournalFault(entry, `is illegal in a compensation that is ${compensation.status}`);
  if (!state.unwinding) throw new JournalFault(entry, 'compensates in a saga that does not unwind');
  if (node.status !== 'succeeded' && node.status !== 'unknown') throw new JournalFault(entry, `compensates a step that is ${node.status}`);
  const next: CompensationState = { ...compensation, ...tries(compensation, entry), status };
  if (entry.kind === 'child-undoing') {
    if (node.child === null) throw new JournalFault(entry, 'undoes a child, and none is chosen');
    return { ...node, compensation: next, child: { ...node.child, undoing: true } };
  }
  if (entry.kind === 'compensation-failed') return { ...node, compensation: { ...next, error: entry.error } };
  if (entry.kind === 'compensation-skipped') return { ...node, compensation: { ...next, why: entry.why } };
  return { ...node, compensation: next };
}

/** What an entry changes in the count of attempts, in either direction. */
function tries(before: Tries, entry: NodeEntry): Tries {
  const { attempts, failures, crashes, round, earlierAttempts, firstStartedAt, roundStartedAt, error } = before;
  const closed: Tries = {
    attempts,
    failures,
    crashes,
    round,
    earlierAttempts,
    firstStartedAt,
    roundStartedAt,
    error,
    open: null,
    dueAt: null,
  };
  if ('by' in entry && before.open !== null) throw new JournalFault(entry, `comes while attempt ${before.open.attempt} is under way`);
  switch (entry.kind) {
    case 'attempt-started':
      if (before.open !== null || entry.attempt !== attempts + 1)
        throw new JournalFault(entry, `comes after ${attempts} attempts${before.open ? ', one of them under way' : ''}`);
      return {
        ...closed,
        attempts: entry.attempt,
        firstStartedAt: firstStartedAt ?? entry.at,
        roundStartedAt: roundStartedAt ?? entry.at,
        open: { attempt: entry.attempt, startedAt: entry.at },
      };
    case 'attempt-failed':
      requireOpen(before, entry);
      return { ...closed, failures: failures + 1, error: entry.error, dueAt: entry.retryAt };
    case 'child-chosen':
      requireOpen(before, entry);
      return before;
    case 'child-started':
    case 'child-undoing':
      requireOpen(before, entry);
      return closed;
    case 'attempt-interrupted':
      requireOpen(before, entry);
      return { ...closed, crashes: crashes + (entry.why === 'crash' ? 1 : 0) };
    case 'step-reopened':
    case 'compensation-reopened':
      if (entry.round !== round + 1) throw new JournalFault(entry, `begins round ${entry.round} after round ${round}`);
      return { ...closed, round: entry.round, earlierAttempts: attempts, failures: 0, crashes: 0, roundStartedAt: null };
    default:
      return closed;
  }
}

function requireOpen(tried: Tries, entry: AttemptRef & Entry): void {
  if (tried.open?.attempt !== entry.attempt) throw new JournalFault(entry, `ends attempt ${entry.attempt}, which is not under way`);
}

const quietOf = (entry: NodeEntry): number | null => ('quietUntil' in entry ? (entry.quietUntil ?? null) : null);

const latest = (one: number | null, other: number | null): number | null =>
  one === null ? other : other === null ? one : Math.max(one, other);
