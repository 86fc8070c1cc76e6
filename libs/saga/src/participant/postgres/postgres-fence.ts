import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

import type { Fence, FenceSide, StoredReply } from '../fence.js';
import { DeferredReplyError, FenceBusyError } from '../fence-errors.js';
import type { CommandMessage } from '../protocol.js';
import { boundLockWait } from './sql/bound-lock-wait.js';
import { claimFence } from './sql/claim-fence.js';
import { atSavepoint, type Ending, inTransaction } from './in-transaction.js';
import { isLockTimeout } from './sql-state.js';
import { sweepFence } from './sql/sweep-fence.js';
import { writeFence } from './sql/write-fence.js';

/** Marks the row of a step that does not fan out. */
const NO_ITEM = -1;

/** What a row is of, and the name of its saga. */
type FenceKey = Pick<CommandMessage, 'saga' | 'sagaId' | 'step' | 'item'>;

/** A fence row that this transaction has locked. */
export interface HeldFence {
  readonly fence: Fence;
  /** The database's clock, milliseconds since the epoch. [R20] */
  readonly now: number;
  readonly manager: EntityManager;
  write(fence: Fence): Promise<void>;
  /** Runs the handler so that a refusal can be stored although its work is undone. */
  atSavepoint<T>(work: () => Promise<T>): Promise<T>;
}

interface FenceRecord {
  readonly action_state: FenceSide['state'];
  readonly action_round: number;
  readonly action_unanswered: number;
  readonly action_reply: string | null;
  readonly compensation_state: FenceSide['state'];
  readonly compensation_round: number;
  readonly compensation_unanswered: number;
  readonly compensation_reply: string | null;
  readonly now: number;
}

/** The fence rows in the participant's own database, so that they commit together with its work. [R25] */
export class PostgresFence {
  private readonly sql: { readonly claim: string; readonly write: string; readonly sweep: string };

  constructor(
    private readonly dataSource: DataSource,
    quotedSchema: string,
  ) {
    this.sql = { claim: claimFence(quotedSchema), write: writeFence(quotedSchema), sweep: sweepFence(quotedSchema) };
  }

  /**
   * Locks the row of the message's step and item, and runs `work` in the same transaction.
   *
   * @throws FenceBusyError where somebody else holds the row for longer than `waitMs`
   * @throws CommitUnknownError where the outcome may be durable and may not
   */
  hold<T>(key: FenceKey, waitMs: number, work: (held: HeldFence) => Promise<Ending<T>>): Promise<T> {
    return inTransaction(this.dataSource, async (runner) => work(await this.take(runner, key, waitMs)));
  }

  /**
   * The same in a transaction of the application, which commits.
   *
   * @throws FenceBusyError as above; DeferredReplyError where the manager has no open transaction on the participant's data source
   */
  async holdIn<T>(manager: EntityManager, key: FenceKey, waitMs: number, work: (held: HeldFence) => Promise<T>): Promise<T> {
    const { queryRunner: runner, connection } = manager;
    if (runner?.isTransactionActive !== true || connection !== this.dataSource) {
      throw new DeferredReplyError(
        "The given manager has no open transaction on the participant's data source. Pass the one that dataSource.transaction(async (manager) => …) gives, or leave it out.",
      );
    }
    return work(await this.take(runner, key, waitMs));
  }

  private async take(runner: QueryRunner, key: FenceKey, waitMs: number): Promise<HeldFence> {
    const record = await this.claim(runner, key, waitMs);
    return {
      fence: fenceOf(record),
      now: record.now,
      manager: runner.manager,
      write: async (fence) => {
        await runner.query(this.sql.write, [...keyOf(key), ...columnsOf(fence.action), ...columnsOf(fence.compensation)]);
      },
      atSavepoint: (handler) => atSavepoint(runner, handler),
    };
  }

  /** Deletes up to `limit` rows that were not touched for `ageMs`. Returns how many. */
  async sweep(ageMs: number, limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(this.sql.sweep, [ageMs, limit]);
    return count;
  }

  private async claim(runner: QueryRunner, key: FenceKey, waitMs: number): Promise<FenceRecord> {
    const [setting] = (await runner.query(boundLockWait(), [`${waitMs}ms`])) as [{ readonly before: string }];
    const [record] = (await runner.query(this.sql.claim, [...keyOf(key), key.saga]).catch((error: unknown) => {
      throw isLockTimeout(error) ? new FenceBusyError('The fence row is held by another transaction.', { cause: error }) : error;
    })) as [FenceRecord];
    await runner.query(boundLockWait(), [setting.before]);
    return record;
  }
}

function fenceOf(record: FenceRecord): Fence {
  return {
    action: {
      state: record.action_state,
      round: record.action_round,
      unanswered: record.action_unanswered,
      reply: parse(record.action_reply),
    },
    compensation: {
      state: record.compensation_state,
      round: record.compensation_round,
      unanswered: record.compensation_unanswered,
      reply: parse(record.compensation_reply),
    },
  };
}

const parse = (reply: string | null): StoredReply | null => (reply === null ? null : (JSON.parse(reply) as StoredReply));

const keyOf = ({ sagaId, step, item }: FenceKey): readonly unknown[] => [sagaId, step, item ?? NO_ITEM];

function columnsOf({ state, round, unanswered, reply }: FenceSide): readonly unknown[] {
  return [state, round, unanswered, reply === null ? null : JSON.stringify(reply)];
}
