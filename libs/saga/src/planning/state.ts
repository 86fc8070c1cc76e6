import type { ErrorRecord, SagaFailure } from './failure.js';
import type { Channel, ChildChoice, Direction, NodeRef, Wait } from './journal.js';
import type { StoredValue } from './payload.js';
import type { CompensationStatus, SagaStatus, StepStatus } from './saga-status.js';

/** A copy that is being made into the next state, before anybody else has it. */
export type Changing<State> = { -readonly [Property in keyof State]: State[Property] };

/** How often something was tried, in one direction. */
export interface Tries {
  /** Calls made, those cut short by a crash included. */
  readonly attempts: number;
  /** Failures that the retry policy counts; a crash is none. [R21] */
  readonly failures: number;
  readonly crashes: number;
  /** 1-based; an operator's retry begins the next one. [R25] */
  readonly round: number;
  /** Those of earlier rounds: a reply to one of them counts no more. [R24] */
  readonly earlierAttempts: number;
  /** The first that may have had an effect: a participant judges by it what it may have forgotten. */
  readonly firstStartedAt: number | null;
  /** The first of this round, or since its participant last said that it answers later: the policy's limit in time counts from it. */
  readonly roundStartedAt: number | null;
  /** When its participant first said, in this round, that it answers later. */
  readonly deferredAt: number | null;
  /** The attempt under way. */
  readonly open: { readonly attempt: number; readonly startedAt: number } | null;
  /** Not before this time: a pause between attempts, or a delay. Milliseconds since the epoch. */
  readonly dueAt: number | null;
  readonly error: ErrorRecord | null;
}

/** A step, or one item of a fanned-out step. */
export interface NodeState extends Tries {
  readonly status: StepStatus;
  /** Some attempt may have left an effect. */
  readonly mayHaveEffect: boolean;
  readonly refused: boolean;
  /** Refused, and the saga goes on without it. */
  readonly passed: boolean;
  readonly timedOut: boolean;
  /** Why it was skipped. */
  readonly why: string | null;
  /** Its compensation waits until then: an attempt that a dead node left behind may still be at work. [R22] */
  readonly quietUntil: number | null;
  /** What it waits for, while it is `waiting` and its delay is over. */
  readonly wait: Wait | null;
  /** What came, in a step that waited; null: nothing did, or it did not wait. */
  readonly message: Pick<Message, 'payload'> | null;
  /** The saga that it runs. */
  readonly child: ChildState | null;
  readonly result: StoredValue | undefined;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly compensation: CompensationState;
}

export interface ChildState {
  readonly choice: ChildChoice;
  /** It is known to be there. */
  readonly started: boolean;
  /** When it is recalled, milliseconds since the epoch; null: it takes as long as it takes. */
  readonly until: number | null;
  /** It was told to unwind, forward. */
  readonly recalled: boolean;
  readonly timedOut: boolean;
  /** It was told to unwind, as the compensation of its step. */
  readonly undoing: boolean;
  /** Its end is what ended the step. */
  readonly ended: boolean;
}

export interface CompensationState extends Tries {
  readonly status: CompensationStatus;
  /** Why it was skipped. */
  readonly why: string | null;
}

/** A step: one node, or, where it fans out, one for each item. */
export interface StepState {
  /** The items' values; null where the step does not fan out. */
  readonly items: readonly StoredValue[] | null;
  readonly nodes: readonly NodeState[];
}

/** A message that came, and that no step has taken yet. */
export interface Message {
  /** Of its entry. */
  readonly sequence: number;
  readonly channel: Channel;
  readonly name: string;
  readonly payload?: StoredValue;
}

/** A saga as the fold of its journal. It knows only steps that something happened to. */
export interface SagaState {
  /** Of the last entry; 0 before the first. */
  readonly sequence: number;
  readonly status: SagaStatus;
  /** Of the graph that it goes on under; null: of the one that it was started with. */
  readonly hash: string | null;
  /** Nothing begins, and no timer fires. */
  readonly paused: boolean;
  readonly unwinding: boolean;
  /** Why it unwinds or is stuck. */
  readonly failure: SagaFailure | null;
  readonly cancelReason: string | null;
  readonly pivotBegun: boolean;
  /** An alert was raised because the deadline passed after the pivot. */
  readonly deadlineAlerted: boolean;
  readonly endedAt: number | null;
  /** Oldest first. */
  readonly inbox: readonly Message[];
  readonly steps: Readonly<Record<string, StepState>>;
}

const UNTRIED: Tries = {
  attempts: 0,
  failures: 0,
  crashes: 0,
  round: 1,
  earlierAttempts: 0,
  firstStartedAt: null,
  roundStartedAt: null,
  deferredAt: null,
  open: null,
  dueAt: null,
  error: null,
};

export const NEW_NODE: NodeState = {
  ...UNTRIED,
  status: 'pending',
  mayHaveEffect: false,
  refused: false,
  passed: false,
  timedOut: false,
  why: null,
  quietUntil: null,
  wait: null,
  message: null,
  child: null,
  result: undefined,
  startedAt: null,
  endedAt: null,
  compensation: { ...UNTRIED, status: 'pending', why: null },
};

export const NEW_STEP: StepState = { items: null, nodes: [NEW_NODE] };

export const NEW_SAGA: SagaState = {
  sequence: 0,
  status: 'pending',
  hash: null,
  paused: false,
  unwinding: false,
  failure: null,
  cancelReason: null,
  pivotBegun: false,
  deadlineAlerted: false,
  endedAt: null,
  inbox: [],
  steps: {},
};

export const stepState = (state: SagaState, step: string): StepState =>
  Object.hasOwn(state.steps, step) ? (state.steps[step] as StepState) : NEW_STEP;

export const nodeState = (state: SagaState, { step, item = 0 }: NodeRef): NodeState | undefined => stepState(state, step).nodes[item];

export const triesOf = (node: NodeState, direction: Direction): Tries => (direction === 'forward' ? node : node.compensation);

export interface PlacedNode {
  readonly ref: NodeRef;
  readonly node: NodeState;
}

/** The nodes of a step. All are looked at with each decision: what is to be named gets its reference only then. */
export const nodesOf = (state: SagaState, step: string): readonly NodeState[] => stepState(state, step).nodes;

/** The reference that names a node of a step. */
export const refOf = (state: SagaState, step: string, index: number): NodeRef =>
  stepState(state, step).items === null ? { step } : { step, item: index };

/** The nodes of a step, each with the reference that names it. */
export const placedNodesOf = (state: SagaState, step: string): readonly PlacedNode[] =>
  nodesOf(state, step).map((node, index) => ({ ref: refOf(state, step, index), node }));

/** The first node of a step that is so, with its reference. */
export function findNode(state: SagaState, step: string, isSo: (node: NodeState) => boolean): PlacedNode | undefined {
  const nodes = nodesOf(state, step);
  const index = nodes.findIndex(isSo);
  return index === -1 ? undefined : { ref: refOf(state, step, index), node: nodes[index] as NodeState };
}

/** Something is under way, in either direction. */
export const hasOpenAttempt = (state: SagaState): boolean => someNode(state, isUnderWay);

const isUnderWay = ({ open, compensation }: NodeState): boolean => open !== null || compensation.open !== null;

/** Asked in each turn, of predicates that are made once: what is made for the question would be a good part of what a turn makes. */
export function someNode({ steps }: SagaState, is: (node: NodeState) => boolean): boolean {
  for (const step in steps) if (steps[step]?.nodes.some(is)) return true;
  return false;
}

/** Its child is under way, and ends the step. */
export const runsChild = ({ status, open, child }: NodeState): boolean => status === 'started' && open === null && child?.started === true;

/** Its child was about to be started when its attempt was cut short: nobody knows whether it is there. */
export const mayHaveChild = ({ status, open, dueAt, child }: NodeState): boolean =>
  status === 'started' && open === null && dueAt === null && child?.started === false;

/** What becomes of it is for its child to say, in either direction. [R31] */
export const isWithChild = (node: NodeState): boolean =>
  runsChild(node) || (node.child?.undoing === true && node.compensation.status === 'started');
