import type { EntityManager } from 'typeorm';

import type { Entry } from '../planning/journal.js';
import type { SagaFailure } from '../planning/failure.js';
import type { SagaInstance } from '../planning/definition.js';
import type { GraphStep } from '../planning/fit.js';
import type { SagaStatus } from '../planning/saga-status.js';
import type { Mail, MailStore } from './mail.js';
import type { RetentionStore } from './retention.js';

/** A saga's row: what never changes, what the journal says in short, and who owns it. */
export interface SagaRow extends SagaInstance {
  /** Of the definition it was started with. */
  readonly hash: string;
  readonly inputHash: string | null;
  readonly status: SagaStatus;
  readonly paused: boolean;
  readonly failure: SagaFailure | null;
  readonly pivotBegun: boolean;
  /** The node that may execute it; null: nobody does now. */
  readonly owner: string | null;
  /** Raised with each new ownership. */
  readonly epoch: number;
  /** Raised by each change from outside: cancel, operator, event, signal. */
  readonly revision: number;
  /** When a node should look at it next, while nobody owns it; null: only an outside change wakes it. */
  readonly wakeAt: number | null;
  readonly endedAt: number | null;
  /** It has ended, and lost its journal and its payloads (input, metadata, failure) after its retention: it takes no entries any more. [R6] */
  readonly emptied: boolean;
}

export interface StoredSaga {
  readonly row: SagaRow;
  /** Whole, in order of sequence; none where it is emptied. */
  readonly journal: readonly Entry[];
}

/** What a journal makes of the row. Written together with the entries. */
export interface SagaProgress {
  readonly status: SagaStatus;
  readonly failure: SagaFailure | null;
  readonly pivotBegun: boolean;
  readonly wakeAt: number | null;
  readonly endedAt: number | null;
}

export interface NewSaga {
  readonly instance: SagaInstance;
  readonly hash: string;
  readonly inputHash: string | null;
  readonly progress: SagaProgress;
  /** At least `saga-started`, sequence 1. */
  readonly entries: readonly Entry[];
  /** Born owned by this node, with epoch 1; null: unowned, with epoch 0. */
  readonly owner: string | null;
}

export type StartResult =
  | { readonly kind: 'created' }
  /** A saga with the same name and key is there already. */
  | { readonly kind: 'found'; readonly id: string; readonly inputHash: string | null };

/** What fences a write: it passes only while all of it still holds. [R18] */
export interface Ownership {
  readonly owner: string;
  readonly epoch: number;
  readonly revision: number;
}

export interface Checkpoint {
  readonly sagaId: string;
  readonly ownership: Ownership;
  /** Contiguous; the first has the sequence after the last one known to the writer. None: only gives the saga back, and `since` is not told. */
  readonly entries: readonly Entry[];
  readonly progress: SagaProgress;
  /** The row says all of `progress` already: only the journal need be written. Left out where the writer does not know. */
  readonly stays?: boolean;
  /** Posted together with it: what a child tells its parent. */
  readonly mail?: readonly Mail[];
  /** Gives the saga back: nobody owns it afterwards. */
  readonly release: boolean;
}

export type CheckpointResult =
  | { readonly kind: 'passed' }
  /** Somebody changed the saga from outside: nothing was written; fold these entries, and decide again. */
  | { readonly kind: 'changed'; readonly revision: number; readonly paused: boolean; readonly since: readonly Entry[] }
  /** Another owner or epoch, or no such saga: nothing was written, and nothing of this owner ever will be. */
  | { readonly kind: 'lost' };

/** A change from outside, made under the saga's row lock. Sequences go on from the journal that was given. */
export interface OutsideChange {
  readonly entries: readonly Entry[];
  readonly paused?: boolean;
  /** What the entries make of the row; left out: what it is already. */
  readonly progress?: Omit<SagaProgress, 'wakeAt'>;
  /** Written where nobody owns the saga; the owner sets its own. */
  readonly wakeAt: number | null;
}

/** The graph of a definition, under the hash of its names, dependencies and kinds. */
export interface SagaGraph {
  readonly hash: string;
  readonly steps: readonly GraphStep[];
}

export interface RunnableDefinition {
  readonly name: string;
  readonly version: number;
}

export interface OverdueSagas extends RunnableDefinition {
  readonly count: number;
}

export interface OwnedSaga {
  readonly sagaId: string;
  readonly epoch: number;
  readonly revision: number;
}

export interface HeartbeatResult {
  /** False: the lease had run out before this beat; every saga of this node may belong to others. */
  readonly alive: boolean;
  /** The database's clock, milliseconds since the epoch. */
  readonly now: number;
  /** What the database says this node owns. */
  readonly owned: readonly OwnedSaga[];
  /** `releaseGone` has something to do: another node is gone, and has left sagas behind. */
  readonly othersGone: boolean;
}

export interface SagaFilter {
  readonly name?: string;
  readonly statuses?: readonly SagaStatus[];
  readonly key?: string;
  readonly startedAfter?: number;
  readonly startedBefore?: number;
  readonly limit: number;
  /** From the page before. */
  readonly cursor?: string;
}

/**
 * Remembers sagas. Two implementations, one conformance suite (`saga-store.conformance.ts`).
 *
 * Guarantees of every method that writes:
 * - atomic: what it is given is durable as a whole when its promise resolves, or not at all [R3];
 * - fenced: `checkpoint` passes only with owner, epoch and revision as given; what a former owner sends changes nothing [R18];
 * - one at a time: writes to the same saga are ordered by its row lock; `cancel` and completion cannot both win [R30];
 * - independent: a write waits for nothing but the rows of its own saga [R32];
 * - when an answer is lost, it reads back what the journal has before it says anything [R3]. Where the database cannot be
 *   reached at all it throws, and the caller knows nothing: it must give the saga up and load it anew.
 *
 * Values are stored as given and read back equal (`JSON.stringify` and `JSON.parse` apart, keys in the same order).
 */
export interface SagaStore {
  /** Messages on their way to sagas. */
  readonly mail: MailStore;
  /** What becomes of sagas that have ended. */
  readonly retention: RetentionStore;

  /** Connects, and sees to the tables as `migrations` says. Throws a SagaStoreError that says what is missing. */
  open(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;

  /** The database's clock, milliseconds since the epoch. [R20] */
  now(): Promise<number>;

  /**
   * Records a saga with its first entries. Name and key decide whether it is new; a null key is always new. Two concurrent
   * starts with one key give one saga. [R6]
   *
   * @param manager joins that transaction: nothing is visible before its commit, and nothing remains after its rollback
   * @param onWait called where it waits for somebody, and may do so for long: for whoever is about to take its key, or for a store that does not answer
   */
  start(saga: NewSaga, manager?: EntityManager, onWait?: () => void): Promise<StartResult>;

  /**
   * Appends entries and writes what follows from them, if the ownership still holds.
   *
   * @param manager joins that transaction; the fence is its last statement but the commit [R18]
   */
  checkpoint(checkpoint: Checkpoint, manager?: EntityManager): Promise<CheckpointResult>;

  /**
   * Opens a transaction on the application's data source for a transactional step, and runs it: commits when `run` resolves,
   * rolls back when it throws. Its checkpoint, through the same manager, is the last thing that `run` does: so the fence
   * stands until the commit, and a commit whose answer is lost is read back in the journal first. [R3, R18]
   *
   * At most half of the application's pool is used at once; more than that wait. [R34] In memory there is no database: `run`
   * gets a manager that throws, with the mend, when it is used, and its checkpoint is taken back when it throws.
   *
   * @returns what `run` returned, once that is durable
   * @throws what `run` threw, or what refused the commit: certainly rolled back
   * @throws CommitUnknownError when the commit's answer is lost and the database cannot be asked: durable or not
   */
  transaction<T>(run: (manager: EntityManager) => Promise<T>): Promise<T>;

  /**
   * Changes a saga from outside, under its row lock: raises `revision`, so that its owner decides again, and wakes it.
   *
   * @param decide pure; null: nothing is to be changed
   * @returns whether something was changed; undefined where there is no such saga
   */
  change(sagaId: string, decide: (saga: StoredSaga) => OutsideChange | null): Promise<boolean | undefined>;

  /**
   * Takes all messages that are kept for a saga, oldest first, and changes the saga by them: both or neither. With null the messages
   * are gone, and the saga is as it was.
   *
   * @returns as `change` does
   */
  collect(sagaId: string, decide: (saga: StoredSaga, mail: readonly Mail[]) => OutsideChange | null): Promise<boolean | undefined>;

  load(sagaId: string): Promise<StoredSaga | undefined>;
  /** The row alone. */
  find(sagaId: string): Promise<SagaRow | undefined>;
  findByKey(name: string, key: string): Promise<SagaRow | undefined>;
  /** Newest first. */
  list(filter: SagaFilter): Promise<{ readonly items: readonly StoredSaga[]; readonly next?: string }>;

  /** Keeps graphs for those who meet a saga that began under them. One whose hash is there already stays as it is. [R23] */
  registerGraphs(graphs: readonly SagaGraph[]): Promise<void>;
  findGraph(hash: string): Promise<readonly GraphStep[] | undefined>;

  /** A node appears with its lease. An id is used once: a new boot and a lost lease make a new one. [R18] */
  registerNode(nodeId: string, leaseMs: number): Promise<void>;
  /** Extends the lease, unless it has run out already. */
  heartbeat(nodeId: string, leaseMs: number): Promise<HeartbeatResult>;
  /** The node goes: what it still owns is nobody's at once, and due. [R22] */
  removeNode(nodeId: string): Promise<void>;
  /**
   * Sagas of nodes that are gone become nobody's, and due. Gone is a node whose lease has run out, or one that was killed, where the store can
   * tell. Returns how many. [R19]
   */
  releaseGone(): Promise<number>;
  /**
   * Takes up to `limit` sagas that nobody owns and that are due, longest due first, each under a new epoch, of the given
   * definitions only. Each tells in `wakeAt` since when it was due; what is stored wakes it no more. Sagas that another node is claiming
   * right now are passed over. Where the store can tell that a node was killed, its sagas become nobody's now, wake who listens, and are
   * there for the next claim.
   */
  claim(nodeId: string, limit: number, definitions: readonly RunnableDefinition[]): Promise<readonly StoredSaga[]>;
  /** Takes up again one saga that this node owns already, under a new epoch. [R19] Undefined where it does not own it. */
  reclaim(nodeId: string, sagaId: string): Promise<StoredSaga | undefined>;

  /** How many sagas of each definition have been due for `afterMs` and more, and are nobody's. */
  overdue(afterMs: number): Promise<readonly OverdueSagas[]>;

  /**
   * Calls back, soon and at least once, when a saga became due or was changed from outside, also by another process.
   * A lost wake costs at most one poll of the caller. Returns how to stop it.
   */
  onWake(wake: (sagaId: string) => void): () => void;
}
