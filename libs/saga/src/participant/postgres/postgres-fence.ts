import type { DataSource, EntityManager } from 'typeorm';

import type { Fence, FenceSide, StoredReply } from '../fence.js';
import { DeferredReplyError, FenceBusyError } from '../fence-errors.js';
import { FenceStatements } from './fence-statements.js';
import { inOneMessage } from './in-one-message.js';
import { inTransaction } from './in-transaction.js';
import { PreparedSessions } from './prepared-sessions.js';
import type { FenceKey } from './sql/fence-key.js';
import { sweepFence } from './sql/sweep-fence.js';
import { isLockTimeout } from './sql-state.js';

/** A fence row that this transaction has locked. */
export interface HeldFence {
  readonly fence: Fence;
  /** The database's clock, milliseconds since the epoch. [R20] */
  readonly now: number;
  readonly manager: EntityManager;
}

/** What becomes of a fence that was held. */
export interface Holding<T> {
  readonly value: T;
  /** What it knows from now on. Left out: nothing changes, and no row stays of a command that was only answered. */
  readonly fence?: Fence;
  /** What was done in the transaction beside the fence is undone. */
  readonly undone?: boolean;
}

interface FenceRecord {
  readonly action_state: FenceSide['state'];
  readonly action_round: number;
  readonly action_unanswered: number;
  readonly action_failed: number;
  readonly action_reply: string | null;
  readonly compensation_state: FenceSide['state'];
  readonly compensation_round: number;
  readonly compensation_unanswered: number;
  readonly compensation_failed: number;
  readonly compensation_reply: string | null;
  readonly now: number;
}

/** The fence rows in the participant's own database, so that they commit together with its work. [R25] */
export class PostgresFence {
  private readonly statements: FenceStatements;
  private readonly sessions: PreparedSessions;

  constructor(
    private readonly dataSource: DataSource,
    private readonly quotedSchema: string,
  ) {
    this.statements = new FenceStatements(quotedSchema);
    this.sessions = new PreparedSessions(this.statements.prepare);
  }

  /**
   * Locks the row of the message's step and item, and runs `work` in the same transaction. That takes two round trips, beside those of `work`.
   *
   * @throws FenceBusyError where somebody else holds the row for longer than `waitMs`
   * @throws CommitUnknownError, TransactionLostError where the outcome may be durable and may not
   */
  async hold<T>(key: FenceKey, waitMs: number, work: (held: HeldFence) => Promise<Holding<T>>): Promise<T> {
    let isBegun = false;
    const begin = async (): Promise<T> =>
      this.holdOnce(key, waitMs, (held) => {
        isBegun = true;
        return work(held);
      });
    return begin().catch((error: unknown) => {
      // Behind a pooler, and not known until now: the session was another one's.
      if (this.sessions.doubt(error) && !isBegun) return begin();
      throw error;
    });
  }

  private async holdOnce<T>(key: FenceKey, waitMs: number, work: (held: HeldFence) => Promise<Holding<T>>): Promise<T> {
    return inTransaction(this.dataSource, {
      prepare: (runner) => this.sessions.include(runner),
      first: (isPrepared) => this.statements.claim(key, waitMs, isPrepared),
      firstFailed: busyOr,
      run: async ({ manager }, rows, isPrepared) => {
        const { value, fence, undone } = await work(heldFence(rows, manager));
        return { value, ...(undone && { undone }), ...(fence && { commit: [this.statements.write(key, fence, isPrepared)] }) };
      },
    });
  }

  /**
   * The same in a transaction of the application, which commits.
   *
   * @throws FenceBusyError as above; DeferredReplyError where the manager has no open transaction on the participant's data source
   */
  async holdIn<T>(manager: EntityManager, key: FenceKey, waitMs: number, work: (held: HeldFence) => Promise<Holding<T>>): Promise<T> {
    const { queryRunner: runner, connection } = manager;
    if (runner?.isTransactionActive !== true || connection !== this.dataSource) {
      throw new DeferredReplyError(
        "The given manager has no open transaction on the participant's data source. Pass the one that dataSource.transaction(async (manager) => …) gives, or leave it out.",
      );
    }
    const rows = await inOneMessage(runner, this.statements.claim(key, waitMs, false)).catch((error: unknown) => {
      throw busyOr(error);
    });
    const { value, fence } = await work(heldFence(rows.at(-1) ?? [], manager));
    if (fence) await inOneMessage(runner, [this.statements.write(key, fence, false)]);
    return value;
  }

  /** Deletes up to `limit` rows that were not touched for `ageMs`. Returns how many. */
  async sweep(ageMs: number, limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(sweepFence(this.quotedSchema), [ageMs, limit]);
    return count;
  }
}

const busyOr = (error: unknown): unknown =>
  isLockTimeout(error) ? new FenceBusyError('The fence row is held by another transaction.', { cause: error }) : error;

function heldFence(rows: readonly unknown[], manager: EntityManager): HeldFence {
  const [record] = rows as readonly [FenceRecord];
  return {
    fence: {
      action: {
        state: record.action_state,
        round: record.action_round,
        unanswered: record.action_unanswered,
        failed: record.action_failed,
        reply: parse(record.action_reply),
      },
      compensation: {
        state: record.compensation_state,
        round: record.compensation_round,
        unanswered: record.compensation_unanswered,
        failed: record.compensation_failed,
        reply: parse(record.compensation_reply),
      },
    },
    now: record.now,
    manager,
  };
}

const parse = (reply: string | null): StoredReply | null => (reply === null ? null : (JSON.parse(reply) as StoredReply));
