import type { ChildEnd } from './children.js';
import type { AttemptEnd, Fact } from './facts.js';
import type { AttemptRef, ChildChoice, EntryBody, NodeRef } from './journal.js';
import type { StoredValue } from './payload.js';
import type { Rehearsal } from './rehearsal.fixture.js';
import { isWithChild, type NodeState, nodeState, placedNodesOf, triesOf } from './state.js';

type Said = Omit<ChildEnd, 'node'>;

const done: Said = { status: 'completed', results: { book: 'T-1' } } as Said;

const undone = (kind: 'rejected' | 'failed' | 'cancelled' | 'timed-out'): Said =>
  ({ status: 'compensated', failure: { kind, message: 'it came to nothing' } }) as Said;

const SAID: readonly Said[] = [
  done,
  done,
  undone('rejected'),
  undone('failed'),
  undone('cancelled'),
  undone('timed-out'),
  // More than a saga may keep.
  { status: 'completed', results: { book: 'T'.repeat(2_000) } } as Said,
];

interface Ending {
  readonly attempt: AttemptRef;
  readonly end: AttemptEnd;
  readonly pick: number;
  /** Learned, and not decided on yet. */
  readonly pending: readonly Fact[];
}

/** How an attempt ends where its step runs a child: it names the child, starts it, has it unwind, or left a plain value after all. */
export function endAtChildStep({ definition, state }: Rehearsal, { attempt, end, pick, pending }: Ending): AttemptEnd {
  const node = nodeState(state, attempt);
  const runsNone = definition.steps.find(({ name }) => name === attempt.step)?.child === null;
  if (runsNone || node === undefined) return end;
  if (attempt.direction === 'compensation') return node.child === null ? end : endOfUndoing(end, pick);
  // What comes late may be the reply of a participant.
  if (triesOf(node, attempt.direction).open?.attempt !== attempt.attempt) return end;
  if (node.child === null && !pending.some((fact) => names(fact, attempt)))
    return end.kind === 'returned' && pick % 4 > 0 ? { kind: 'chose-child', child: choiceFor(attempt, node) } : end;
  if (end.kind === 'threw') return { ...end, effect: 'none' };
  return end.kind === 'interrupted' ? end : { kind: 'left-to-child' };
}

const endOfUndoing = (end: AttemptEnd, pick: number): AttemptEnd => {
  if (end.kind === 'refused') return { kind: 'threw', error: end.error, effect: 'none', retryable: true };
  // It was undone already.
  return end.kind === 'returned' && pick % 4 > 0 ? { kind: 'left-to-child' } : end;
};

const names = (fact: Fact, { step, item, attempt }: AttemptRef): boolean =>
  fact.kind === 'attempt-ended' &&
  fact.end.kind === 'chose-child' &&
  fact.attempt.step === step &&
  fact.attempt.item === item &&
  fact.attempt.attempt === attempt;

const choiceFor = ({ step, item }: NodeRef, { round }: NodeState): ChildChoice => ({
  id: `${step}/${item ?? ''}/${round}`,
  name: 'parcel',
  version: 1,
  key: null,
  hash: 'hash',
  timeoutMs: null,
  input: { order: 7 },
});

/** Any word of any child that this saga ever had, or of one that it never had. */
export function anyWord({ journal }: Rehearsal, pick: number): EntryBody | undefined {
  const chosen = journal.flatMap((entry) => (entry.kind === 'child-chosen' ? [entry] : []));
  const entry = chosen[pick % chosen.length];
  if (entry === undefined) return undefined;
  const rest = Math.floor(pick / chosen.length);
  return wordOf(entry, rest % 10 === 9 ? 'nobody' : entry.child.id, SAID[rest % SAID.length] ?? done);
}

/** The word that the saga waits for next, where all goes well; undefined: for no child's. */
export function wordWaitedFor({ definition, state }: Rehearsal): EntryBody | undefined {
  const placed = definition.steps.flatMap(({ name }) => placedNodesOf(state, name)).find(({ node }) => isWithChild(node));
  const child = placed?.node.child;
  if (!placed || !child) return undefined;
  return wordOf(placed.ref, child.choice.id, child.recalled || child.undoing ? undone('cancelled') : done);
}

const wordOf = ({ step, item }: NodeRef, name: string, said: Said): EntryBody => ({
  kind: 'message-received',
  channel: 'child',
  name,
  payload: { node: { step, ...(item !== undefined && { item }) }, ...said } as unknown as StoredValue,
});
