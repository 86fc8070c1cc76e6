import type { SagaFailure } from './failure.js';
import { compensate, proceed, takenBy } from './fold-node.js';
import { JournalFault } from './journal-fault.js';
import type { Entry, EntryOf, NodeEntry } from './journal.js';
import type { SagaStatus } from './saga-status.js';
import { NEW_NODE, NEW_SAGA, type SagaState, type StepState, stepState, withNode } from './state.js';
import { SAGA_TRANSITIONS } from './transitions.js';

/** The state that a journal tells of. Throws JournalFault at the first entry that does not fit. [R4] */
export const fold = (journal: readonly Entry[], from: SagaState = NEW_SAGA): SagaState => journal.reduce(apply, from);

/** The state after one more entry. */
export function apply(state: SagaState, entry: Entry): SagaState {
  if (entry.sequence !== state.sequence + 1) throw new JournalFault(entry, `comes after sequence ${state.sequence}`);
  const next = readBody(state, entry);
  return next === state ? { ...state, sequence: entry.sequence } : Object.assign(next, { sequence: entry.sequence });
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

const withStep = (state: SagaState, name: string, step: StepState): SagaState => ({ ...state, steps: { ...state.steps, [name]: step } });

const isOfCompensation = (entry: NodeEntry): boolean =>
  'direction' in entry ? entry.direction === 'compensation' : entry.kind.startsWith('compensation-');
