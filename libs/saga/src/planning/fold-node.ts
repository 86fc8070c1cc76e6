import { childAfter, childAtEnd } from './fold-child.js';
import { countTries } from './fold-tries.js';
import { JournalFault } from './journal-fault.js';
import type { EntryOf, NodeEntry } from './journal.js';
import type { Changing, CompensationState, NodeState, SagaState } from './state.js';
import { COMPENSATION_TRANSITIONS, STEP_TRANSITIONS } from './transitions.js';

/** A step, or an item, after one more entry of its forward part. */
export function proceed(state: SagaState, node: NodeState, entry: NodeEntry): NodeState {
  const status = STEP_TRANSITIONS[node.status][entry.kind];
  if (status === undefined) throw new JournalFault(entry, `is illegal in a step that is ${node.status}`);
  // One copy, which is then filled: copies of copies are most of what a fold would make.
  const next: Changing<NodeState> = { ...node };
  countTries(next, entry);
  next.status = status;
  next.wait = null;
  next.child = childAtEnd(node.child, takenBy(entry));
  fill(next, { state, node, entry });
  return next;
}

interface Proceeding {
  readonly state: SagaState;
  /** Before it. */
  readonly node: NodeState;
  readonly entry: NodeEntry;
}

function fill(next: Changing<NodeState>, { state, node, entry }: Proceeding): void {
  switch (entry.kind) {
    case 'attempt-started':
      if (state.unwinding) throw new JournalFault(entry, 'starts forward work in a saga that unwinds');
      next.startedAt ??= entry.at;
      if (entry.message !== undefined) next.message = messageOf(state, entry);
      return;
    case 'attempt-deferred':
      next.mayHaveEffect = true;
      return;
    case 'step-delayed':
      next.dueAt = entry.dueAt;
      return;
    case 'step-waits':
      next.wait = entry.wait;
      return;
    case 'attempt-failed':
    case 'attempt-interrupted':
      next.mayHaveEffect ||= entry.effect === 'possible';
      next.quietUntil = latest(node.quietUntil, quietOf(entry));
      return;
    case 'step-reopened':
      return reopen(next, node);
    case 'child-chosen':
    case 'child-started':
    case 'child-recalled':
      next.child = childAfter(node.child, entry);
      return;
    default:
      next.endedAt = entry.at;
      end(next, node, entry);
  }
}

function end(next: Changing<NodeState>, node: NodeState, entry: NodeEntry): void {
  switch (entry.kind) {
    case 'step-skipped':
      next.why = entry.why;
      next.mayHaveEffect = leftEffect(node);
      return;
    case 'step-succeeded':
    case 'step-resolved':
      if (entry.result !== undefined) next.result = entry.result;
      return;
    case 'step-failed':
      next.error = entry.error;
      next.refused = entry.refused;
      next.passed = entry.passed ?? false;
      next.timedOut = entry.timedOut ?? false;
      return;
    case 'step-unknown':
      next.error = entry.error;
      next.refused = entry.refused ?? false;
      next.timedOut = entry.timedOut ?? false;
      next.quietUntil = latest(node.quietUntil, quietOf(entry));
      return;
    default:
  }
}

const leftEffect = ({ mayHaveEffect, status }: NodeState): boolean => mayHaveEffect || status === 'unknown';

/** What never ran is asked anew whether it is to run; what may have had an effect is remembered. */
function reopen(next: Changing<NodeState>, before: NodeState): void {
  next.status = before.attempts === 0 ? 'pending' : 'started';
  next.mayHaveEffect = leftEffect(before);
  if (!next.mayHaveEffect) next.firstStartedAt = null;
  // One that may be there and has not ended goes on; else an operator's retry runs a child of its own. [R31]
  next.child = before.status !== 'failed' && before.child?.ended === false ? before.child : null;
  next.refused = false;
  next.timedOut = false;
  next.endedAt = null;
}

/** … and after one of its compensation. */
export function compensate(state: SagaState, node: NodeState, entry: NodeEntry): NodeState {
  const { compensation } = node;
  const status = COMPENSATION_TRANSITIONS[compensation.status][entry.kind];
  if (status === undefined) throw new JournalFault(entry, `is illegal in a compensation that is ${compensation.status}`);
  if (!state.unwinding) throw new JournalFault(entry, 'compensates in a saga that does not unwind');
  if (node.status !== 'succeeded' && node.status !== 'unknown') throw new JournalFault(entry, `compensates a step that is ${node.status}`);
  const next: Changing<CompensationState> = { ...compensation };
  countTries(next, entry);
  next.status = status;
  if (entry.kind === 'child-undoing') {
    if (node.child === null) throw new JournalFault(entry, 'undoes a child, and none is chosen');
    return { ...node, compensation: next, child: { ...node.child, undoing: true } };
  }
  if (entry.kind === 'compensation-failed') next.error = entry.error;
  if (entry.kind === 'compensation-skipped') next.why = entry.why;
  return { ...node, compensation: next };
}

/** Sequence of the message that an entry takes. */
export const takenBy = (entry: NodeEntry): number | undefined =>
  'message' in entry && typeof entry.message === 'number' ? entry.message : undefined;

/** A message is taken once: an entry that takes one that is not there is a fault. */
function messageOf(state: SagaState, entry: EntryOf<'attempt-started'>): NodeState['message'] {
  const message = state.inbox.find(({ sequence }) => sequence === entry.message);
  if (message === undefined) throw new JournalFault(entry, `takes message ${entry.message}, which is not there`);
  return message.payload === undefined ? {} : { payload: message.payload };
}

const quietOf = (entry: NodeEntry): number | null => ('quietUntil' in entry ? (entry.quietUntil ?? null) : null);

const latest = (one: number | null, other: number | null): number | null =>
  one === null ? other : other === null ? one : Math.max(one, other);
