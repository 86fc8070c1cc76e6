import type { Signal } from '../definition/signal.js';
import type { StepName, StepResults } from '../definition/step-types.js';
import type { Duration } from '../planning/durations.js';
import type { Direction } from '../planning/journal.js';
import type { OperatorNote } from '../planning/operator-note.js';
import type { SagaView } from '../planning/view.js';
import type { EntityManager } from 'typeorm';

/** One thing that happened to a saga. */
export interface JournalEntry {
  /** 1-based, without gaps. */
  readonly sequence: number;
  /** By the database's clock. */
  readonly at: Date;
  /** What happened, such as `step-succeeded`. */
  readonly kind: string;
  /** Left out: it happened to the saga as a whole. */
  readonly step?: string;
  /** 0-based, where the step fans out. */
  readonly item?: number;
  /** Of an attempt: of the step, or of its compensation. */
  readonly direction?: Direction;
  /** 1-based. */
  readonly attempt?: number;
  /** The operator, where one did it. */
  readonly by?: OperatorNote;
  /** What else was recorded of it. */
  readonly details?: unknown;
}

/** One saga, seen from outside. It holds nothing: each call asks the store. */
export interface SagaHandle<S = unknown> {
  /** Of the saga: a UUID. */
  readonly id: string;
  /** False where the start found a saga with the same key. */
  readonly created: boolean;
  /** One that ended longer ago than `retention` is `emptied`: it shows how and when it ended, and no step. @throws SagaNotFoundError */
  view(): Promise<SagaView>;
  /** What happened, in order; operators' notes included. @throws SagaEmptiedError where it was deleted after `retention` */
  journal(): Promise<readonly JournalEntry[]>;
  /**
   * Resolves with the results of all steps, by name.
   *
   * @param options.timeout default: waits as long as it takes
   * @throws SagaCompensatedError, SagaStuckError, or SagaResultTimeoutError: then the saga goes on; SagaEmptiedError where the results
   * were deleted after `retention`
   */
  result(options?: { timeout?: Duration }): Promise<StepResults<S>>;
  /**
   * Sends a signal; it is durable when this resolves (with `manager`: when that transaction commits), and counts whether or not the
   * saga waits for it already, or exists. One that comes after the saga has ended changes nothing.
   *
   * @param options.dedupeId a second signal of this name with the same one counts once
   * @throws SagaSignalError where the saga's definition is known here and waits for no such signal anywhere, or it ended longer ago than
   * `retention`
   */
  signal<P = unknown>(signal: string | Signal<P>, payload?: P, options?: { dedupeId?: string; manager?: EntityManager }): Promise<void>;
  /**
   * Unwinds the saga; `accepted` is false once the pivot has begun or the saga has ended. A saga that unwinds already accepts it,
   * and keeps the reason that it has.
   *
   * @param reason 1 to 1,000 characters; for the journal, and for the compensations
   */
  cancel(reason: string): Promise<{ accepted: boolean }>;
  /**
   * Tries again all that keeps a stuck saga from going on, in a new round: attempts and crashes are counted anew, the idempotency keys
   * stay. Like the commands below it is durable, with who and why, when it resolves; what the saga makes of it comes then.
   *
   * @throws SagaOperationError where the saga does not take the command as it stands, or ended longer ago than `retention`, RangeError where the note is none
   */
  retry(by: OperatorNote): Promise<void>;
  /** Leaves the step, or while the saga unwinds its compensation, undone for good. */
  skip(step: StepName<S>, by: OperatorNote & { item?: number }): Promise<void>;
  /** Says that a person did it; the result is what the step would have left. */
  resolve(step: StepName<S>, by: OperatorNote & { item?: number; result?: unknown }): Promise<void>;
  /** Takes back a saga that runs, is stuck or is completed, unless its pivot has begun; `result()` then follows its new end. */
  compensate(by: OperatorNote): Promise<void>;
  /** From now on nothing begins and no timer fires; what is under way ends, and the deadline runs on. A second time changes nothing. */
  pause(by: OperatorNote): Promise<void>;
  /** It goes on; what came meanwhile is acted on now. Where it is not paused, nothing changes. */
  resume(by: OperatorNote): Promise<void>;
}
