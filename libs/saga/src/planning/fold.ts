import type { SagaFailure } from './failure.js';
import { compensate, proceed, takenBy } from './fold-node.js';
import { JournalFault } from './journal-fault.js';
import type { Entry, EntryOf, NodeEntry } from './journal.js';
import type { SagaStatus } from './saga-status.js';
import { type Changing, type Message, NEW_NODE, NEW_SAGA, type SagaState, stepState } from './state.js';
import { SAGA_TRANSITIONS } from './transitions.js';

/** The state that a journal tells of. Throws JournalFault at the first entry that does not fit. [R4] */
export const fold = (journal: readonly Entry[], from: SagaState = NEW_SAGA): SagaState => journal.reduce(apply, from);

/** The state after one more entry. */
export function apply(state: SagaState, entry: Entry): SagaState {
  if (entry.sequence !== state.sequence + 1) throw new JournalFault(entry, `comes after sequence ${state.sequence}`);
  const next: ChangingSaga = { ...state };
  next.sequence = entry.sequence;
  try {
    change(next, entry);
  } catch (error) {
    // What is not shaped as an entry is a fault of the journal, too: it must stop no other saga. [R4, R32]
    if (error instanceof JournalFault) throw error;
    throw new JournalFault(entry, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return next;
}

type ChangingSaga = Changing<SagaState>;

function change(saga: ChangingSaga, entry: Entry): void {
  switch (entry.kind) {
    case 'reply-ignored':
      return;
    case 'step-fanned-out':
      return fanOut(saga, entry);
    case 'saga-started':
    case 'cancel-requested':
    case 'alert-raised':
    case 'definition-changed':
    case 'unwinding-began':
    case 'retry-requested':
    case 'saga-paused':
    case 'saga-resumed':
    case 'saga-stuck':
    case 'saga-completed':
    case 'saga-compensated':
    case 'message-received':
      saga.status = statusAfter(saga, entry);
      return changeWhole(saga, entry);
    default:
      changeNode(saga, entry);
  }
}

function statusAfter({ status }: SagaState, entry: Entry): SagaStatus {
  const next: SagaStatus | undefined = SAGA_TRANSITIONS[status][entry.kind];
  if (next === undefined) throw new JournalFault(entry, `is illegal in a saga that is ${status}`);
  return next;
}

function changeWhole(saga: ChangingSaga, entry: Entry): void {
  switch (entry.kind) {
    case 'cancel-requested':
      // The first reason stays. [R30]
      saga.cancelReason ??= entry.reason;
      return;
    case 'alert-raised':
      saga.deadlineAlerted ||= entry.deadline === true;
      return;
    case 'definition-changed':
      saga.hash = entry.hash;
      return;
    case 'unwinding-began':
      // It may be a completed one that is taken back.
      saga.unwinding = true;
      saga.failure = entry.failure;
      saga.endedAt = null;
      return;
    case 'retry-requested':
      return goOn(saga);
    case 'saga-paused':
    case 'saga-resumed':
      saga.paused = entry.kind === 'saga-paused';
      return;
    case 'saga-stuck':
      saga.failure = entry.failure;
      return;
    case 'saga-completed':
      saga.endedAt = entry.at;
      return;
    case 'saga-compensated':
      saga.failure = entry.failure;
      saga.endedAt = entry.at;
      return;
    case 'message-received':
      saga.inbox = [...saga.inbox, messageOf(entry)];
      return;
    default:
  }
}

/** Out of `stuck`, in the direction in which it went. What held it up is no reason any more. */
function goOn(saga: ChangingSaga): void {
  saga.status = saga.unwinding ? 'compensating' : 'running';
  saga.failure = saga.unwinding && saga.failure ? withoutLeft(saga.failure) : null;
}

const withoutLeft = ({ left: _left, ...failure }: SagaFailure): SagaFailure => failure;

const messageOf = ({ sequence, channel, name, payload }: EntryOf<'message-received'>): Message =>
  payload === undefined ? { sequence, channel, name } : { sequence, channel, name, payload };

/** Something happens to a step: the saga runs, or unwinds. A stuck one is moved by its operator alone. */
function move(saga: ChangingSaga, entry: Entry): void {
  const { status } = saga;
  if (status === 'running' || status === 'compensating') return;
  if (status === 'pending') saga.status = 'running';
  else if (status === 'stuck' && 'by' in entry) goOn(saga);
  else throw new JournalFault(entry, `is illegal in a saga that is ${status}`);
}

function fanOut(saga: ChangingSaga, entry: EntryOf<'step-fanned-out'>): void {
  const { items, nodes } = stepState(saga, entry.step);
  if (items !== null || nodes[0]?.status !== 'pending') throw new JournalFault(entry, 'is illegal in a step that has begun');
  move(saga, entry);
  saga.steps = { ...saga.steps, [entry.step]: { items: entry.items, nodes: entry.items.map(() => NEW_NODE) } };
}

function changeNode(saga: ChangingSaga, entry: NodeEntry): void {
  move(saga, entry);
  const { items, nodes } = stepState(saga, entry.step);
  const index = entry.item ?? 0;
  const node = nodes[index];
  if (node === undefined || (entry.item === undefined) !== (items === null))
    throw new JournalFault(entry, 'names an item that the step does not have');
  const next = isOfCompensation(entry) ? compensate(saga, node, entry) : proceed(saga, node, entry);
  saga.steps = { ...saga.steps, [entry.step]: { items, nodes: items === null ? [next] : nodes.with(index, next) } };
  if ('pivot' in entry && entry.pivot === true) saga.pivotBegun = true;
  const taken = takenBy(entry);
  if (taken !== undefined) saga.inbox = saga.inbox.filter(({ sequence }) => sequence !== taken);
}

const isOfCompensation = (entry: NodeEntry): boolean =>
  'direction' in entry ? entry.direction === 'compensation' : entry.kind.startsWith('compensation-');
