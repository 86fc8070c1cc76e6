import { childAfter, childAtEnd } from './fold-child.js';
import { triesAfter } from './fold-tries.js';
import { JournalFault } from './journal-fault.js';
import type { EntryOf, NodeEntry } from './journal.js';
import type { CompensationState, NodeState, SagaState } from './state.js';
import { COMPENSATION_TRANSITIONS, STEP_TRANSITIONS } from './transitions.js';

/** A step, or an item, after one more entry of its forward part. */
export function proceed(state: SagaState, node: NodeState, entry: NodeEntry): NodeState {
  const status = STEP_TRANSITIONS[node.status][entry.kind];
  if (status === undefined) throw new JournalFault(entry, `is illegal in a step that is ${node.status}`);
  const child = childAtEnd(node.child, takenBy(entry));
  // One copy, which is then filled: copies of copies are most of what a fold would make.
  return Object.assign({ ...node }, triesAfter(node, entry), { status, wait: null, child }, proceeded(state, node, entry));
}

function proceeded(state: SagaState, node: NodeState, entry: NodeEntry): Partial<NodeState> {
  switch (entry.kind) {
    case 'attempt-started':
      if (state.unwinding) throw new JournalFault(entry, 'starts forward work in a saga that unwinds');
      return { startedAt: node.startedAt ?? entry.at, ...messageOf(state, entry) };
    case 'attempt-deferred':
      return { mayHaveEffect: true };
    case 'step-delayed':
      return { dueAt: entry.dueAt };
    case 'step-waits':
      return { wait: entry.wait };
    case 'attempt-failed':
    case 'attempt-interrupted':
      return {
        mayHaveEffect: node.mayHaveEffect || entry.effect === 'possible',
        quietUntil: latest(node.quietUntil, quietOf(entry)),
      };
    case 'step-reopened':
      return reopened(node);
    case 'step-skipped':
      return { endedAt: entry.at, why: entry.why, mayHaveEffect: leftEffect(node) };
    case 'child-chosen':
    case 'child-started':
    case 'child-recalled':
      return { child: childAfter(node.child, entry) };
    case 'step-succeeded':
    case 'step-resolved':
      return { endedAt: entry.at, ...(entry.result !== undefined && { result: entry.result }) };
    case 'step-failed':
      return {
        endedAt: entry.at,
        error: entry.error,
        refused: entry.refused,
        passed: entry.passed ?? false,
        timedOut: entry.timedOut ?? false,
      };
    case 'step-unknown':
      return {
        endedAt: entry.at,
        error: entry.error,
        refused: entry.refused ?? false,
        timedOut: entry.timedOut ?? false,
        quietUntil: latest(node.quietUntil, quietOf(entry)),
      };
    default:
      return { endedAt: entry.at };
  }
}

const leftEffect = ({ mayHaveEffect, status }: NodeState): boolean => mayHaveEffect || status === 'unknown';

/** What never ran is asked anew whether it is to run; what may have had an effect is remembered. */
const reopened = (before: NodeState): Partial<NodeState> => {
  const mayHaveEffect = leftEffect(before);
  return {
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

/** … and after one of its compensation. */
export function compensate(state: SagaState, node: NodeState, entry: NodeEntry): NodeState {
  const { compensation } = node;
  const status = COMPENSATION_TRANSITIONS[compensation.status][entry.kind];
  if (status === undefined) throw new JournalFault(entry, `is illegal in a compensation that is ${compensation.status}`);
  if (!state.unwinding) throw new JournalFault(entry, 'compensates in a saga that does not unwind');
  if (node.status !== 'succeeded' && node.status !== 'unknown') throw new JournalFault(entry, `compensates a step that is ${node.status}`);
  const next: CompensationState = { ...compensation, ...triesAfter(compensation, entry), status };
  if (entry.kind === 'child-undoing') {
    if (node.child === null) throw new JournalFault(entry, 'undoes a child, and none is chosen');
    return { ...node, compensation: next, child: { ...node.child, undoing: true } };
  }
  if (entry.kind === 'compensation-failed') return { ...node, compensation: { ...next, error: entry.error } };
  if (entry.kind === 'compensation-skipped') return { ...node, compensation: { ...next, why: entry.why } };
  return { ...node, compensation: next };
}

/** Sequence of the message that an entry takes. */
export const takenBy = (entry: NodeEntry): number | undefined =>
  'message' in entry && typeof entry.message === 'number' ? entry.message : undefined;

/** A message is taken once: an entry that takes one that is not there is a fault. */
function messageOf(state: SagaState, entry: EntryOf<'attempt-started'>): Partial<Pick<NodeState, 'message'>> {
  if (entry.message === undefined) return {};
  const message = state.inbox.find(({ sequence }) => sequence === entry.message);
  if (message === undefined) throw new JournalFault(entry, `takes message ${entry.message}, which is not there`);
  return { message: message.payload === undefined ? {} : { payload: message.payload } };
}

const quietOf = (entry: NodeEntry): number | null => ('quietUntil' in entry ? (entry.quietUntil ?? null) : null);

const latest = (one: number | null, other: number | null): number | null =>
  one === null ? other : other === null ? one : Math.max(one, other);
