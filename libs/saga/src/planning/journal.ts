import type { ErrorRecord, SagaFailure } from './failure.js';
import type { ByOperator } from './operator-note.js';
import type { StoredValue } from './payload.js';

export type Direction = 'forward' | 'compensation';

/** A step, or one item of a fanned-out step. */
export interface NodeRef {
  readonly step: string;
  /** 0-based index, where the step fans out. */
  readonly item?: number;
}

/** One attempt of a node. */
export interface AttemptRef extends NodeRef {
  readonly direction: Direction;
  /** 1-based; counts every call, those cut short by a crash included. */
  readonly attempt: number;
}

/** What a saga can be sent. Events find it by its name and key, signals by its id; a child tells its parent how it ended. */
export type Channel = 'event' | 'signal' | 'child';

/** The child saga that a step runs: all that is needed to start it, and to start it again, also where its class is not known. */
export interface ChildChoice {
  /** Made of parent, step, item and round. */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly key: string | null;
  readonly input: StoredValue;
  /** Of its definition. */
  readonly hash: string;
  /** How long it has, by its definition; null: it has no deadline. */
  readonly timeoutMs: number | null;
}

/** What a step waits for: a message of this name. */
export interface Wait {
  readonly channel: Exclude<Channel, 'child'>;
  readonly name: string;
  /** When it waits no longer, milliseconds since the epoch; null: without limit. */
  readonly until: number | null;
}

/** What happened, without its place in the journal. The state of a saga is the fold of these, and nothing else. */
export type EntryBody =
  | { readonly kind: 'saga-started' }
  | ({ readonly kind: 'step-fanned-out'; readonly items: readonly StoredValue[] } & NodeRef)
  | ({ readonly kind: 'step-delayed'; readonly dueAt: number } & NodeRef)
  | ({ readonly kind: 'step-waits'; readonly wait: Wait } & NodeRef)
  | ({ readonly kind: 'step-skipped'; readonly why: string; readonly pivot?: true } & NodeRef & Partial<ByOperator>)
  /** `message`, here and below: what came, by the sequence of its `message-received`. */
  | ({ readonly kind: 'attempt-started'; readonly pivot?: true; readonly message?: number } & AttemptRef)
  /** Before it is started: from here on every attempt starts this one. [R1] */
  | ({ readonly kind: 'child-chosen'; readonly child: ChildChoice } & AttemptRef)
  /** The child is there, and the attempt is over: its end ends the step. `until`: when it is recalled. */
  | ({ readonly kind: 'child-started'; readonly until?: number } & AttemptRef)
  /** It is to unwind, and is waited for. */
  | ({ readonly kind: 'child-recalled'; readonly why: string; readonly timedOut?: true } & NodeRef)
  /** It unwinds, and the attempt to undo it is over: its end ends the compensation. */
  | ({ readonly kind: 'child-undoing' } & AttemptRef)
  | ({ readonly kind: 'attempt-failed'; readonly error: ErrorRecord; readonly effect: Effect; readonly retryAt: number } & AttemptRef)
  /** Its participant answers later, and is asked again then. What it has begun may have an effect. */
  | ({ readonly kind: 'attempt-deferred'; readonly askAt: number } & AttemptRef)
  | ({
      readonly kind: 'attempt-interrupted';
      readonly why: Interruption;
      readonly effect: Effect;
      readonly quietUntil?: number;
    } & AttemptRef)
  | ({ readonly kind: 'step-succeeded'; readonly result?: StoredValue; readonly message?: number } & NodeRef)
  | ({
      readonly kind: 'step-failed';
      readonly error: ErrorRecord;
      readonly refused: boolean;
      readonly passed?: true;
      readonly timedOut?: true;
      readonly message?: number;
    } & NodeRef)
  | ({
      readonly kind: 'step-unknown';
      readonly error: ErrorRecord;
      readonly refused?: true;
      readonly timedOut?: true;
      readonly quietUntil?: number;
      readonly message?: number;
    } & NodeRef)
  | ({ readonly kind: 'compensation-succeeded'; readonly message?: number } & NodeRef)
  | ({ readonly kind: 'compensation-failed'; readonly error: ErrorRecord } & NodeRef)
  | ({ readonly kind: 'compensation-skipped'; readonly why: string } & NodeRef & Partial<ByOperator>)
  /** An operator's retry: a new round, with attempts and crashes counted anew. [R16, R25] */
  | ({ readonly kind: 'step-reopened' | 'compensation-reopened'; readonly round: number } & NodeRef & ByOperator)
  /** A person did it. */
  | ({ readonly kind: 'step-resolved'; readonly result?: StoredValue; readonly pivot?: true } & NodeRef & ByOperator)
  | ({ readonly kind: 'compensation-resolved' } & NodeRef & ByOperator)
  | ({ readonly kind: 'reply-ignored'; readonly why: string } & AttemptRef)
  | {
      readonly kind: 'message-received';
      readonly channel: Channel;
      readonly name: string;
      readonly payload?: StoredValue;
      /** A message with one counts once. */
      readonly dedupeId?: string;
    }
  | { readonly kind: 'cancel-requested'; readonly reason: string }
  | ({ readonly kind: 'alert-raised'; readonly message: string; readonly deadline?: true } & Partial<NodeRef>)
  /** It goes on under a definition with another graph, which has this hash. [R23] */
  | { readonly kind: 'definition-changed'; readonly hash: string }
  | ({ readonly kind: 'unwinding-began'; readonly failure: SagaFailure } & Partial<ByOperator>)
  | ({ readonly kind: 'retry-requested' | 'saga-paused' | 'saga-resumed' } & ByOperator)
  | { readonly kind: 'saga-completed' }
  | { readonly kind: 'saga-compensated'; readonly failure: SagaFailure }
  | { readonly kind: 'saga-stuck'; readonly failure: SagaFailure };

export type EntryKind = EntryBody['kind'];

/** Whether an attempt that did not succeed certainly left nothing behind. */
export type Effect = 'none' | 'possible';

/** crash: its node died or lost the saga. take-over: its node lives, and took the saga up anew. stop: its node shut down. */
export type Interruption = 'crash' | 'take-over' | 'stop';

/** One entry of the append-only journal of a saga. Order comes from `sequence`, never from `at`. */
export type Entry = EntryBody & {
  /** 1-based, without gaps. */
  readonly sequence: number;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly at: number;
};

export type EntryOf<Kind extends EntryKind> = Extract<Entry, { kind: Kind }>;

/** An entry of a step, or of an item. */
export type NodeEntry = Extract<Entry, NodeRef>;
