import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

import { CommitUnknownError, SagaStoreError, TransactionAbandoned, TransactionLostError } from '../store-errors.js';
import { connect, release } from './connection.js';
import { ENDED_BY_STEP } from './connections.js';
import { messageOf, StatementUnanswered, translated } from './database-errors.js';
import { appPoolSize } from './own-data-source.js';
import { Semaphore } from '../semaphore.js';
import { wasEnded, watchTransaction } from './transaction-watch.js';

/** Reads back whether the transaction of that connection is durable; undefined: nothing in it can tell. */
export type ReadBack = (runner: QueryRunner) => Promise<boolean | undefined>;

/** Transactions for transactional steps, on the application's data source, of whose pool they use half at most. [R34] */
export class AppTransactions {
  private readonly logger = new Logger('SagaStore');
  private readonly half: Semaphore;

  constructor(
    private readonly app: DataSource,
    private readonly readBack: ReadBack,
  ) {
    this.half = new Semaphore(Math.max(1, Math.floor(appPoolSize(app) / 2)));
  }

  async run<T>(run: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.half.run(async () => {
      const runner = this.app.createQueryRunner('master');
      const ending: Ending = {};
      try {
        await connect(runner);
        await runner.startTransaction();
        const result = await runWatched(runner, ending, run);
        await this.commit(runner, ending);
        return result;
      } finally {
        await rollBackWhatIsOpen(runner, ending);
        await release(runner, ending.broken);
      }
    });
  }

  private async commit(runner: QueryRunner, ending: Ending): Promise<void> {
    try {
      await runner.commitTransaction();
    } catch (error) {
      const failure = translated(error);
      if (failure instanceof StatementUnanswered) return this.settle(runner, failure, ending);
      if (runner.isTransactionActive) throw failure;
      // TypeORM calls the application's subscribers when the commit is done: it cannot be taken back.
      this.logger.error(`A subscriber threw after a commit: ${messageOf(error)}`, error instanceof Error ? error.stack : undefined);
      return;
    }
    // TypeORM counts depth: a transaction left open inside makes its commit the release of a savepoint.
    if (runner.isTransactionActive) {
      throw new SagaStoreError(
        'A transactional step began a transaction inside its own and did not end it. Await it, or use manager.transaction(…). The step was rolled back.',
      );
    }
  }

  /** The answer to COMMIT is lost. [R3] */
  private async settle(runner: QueryRunner, lost: StatementUnanswered, ending: Ending): Promise<void> {
    // Closed before it is asked: were it only slow, it would hold the row that is asked for.
    ending.broken = lost;
    await release(runner, lost);
    const durable = await this.readBack(runner).catch((cause: unknown) => {
      throw new CommitUnknownError(`The answer to COMMIT is lost, and reading back failed: ${messageOf(cause)}`, { cause: lost });
    });
    if (durable === undefined) throw new CommitUnknownError(`The answer to COMMIT is lost: ${lost.message}`, { cause: lost });
    if (!durable)
      throw new SagaStoreError(`The connection broke before the commit; nothing of the transaction was written: ${lost.message}`, {
        cause: lost,
      });
  }
}

interface Ending {
  /** The connection is closed instead of going back to the pool. */
  broken?: Error;
}

async function runWatched<T>(runner: QueryRunner, ending: Ending, run: (manager: EntityManager) => Promise<T>): Promise<T> {
  const stopWatching = await watchTransaction(runner);
  try {
    const result = await run(runner.manager);
    stopWatching();
    if (wasEnded(runner)) throw new Error('it returned');
    return result;
  } catch (cause) {
    stopWatching();
    if (cause instanceof TransactionAbandoned) ending.broken = cause;
    if (!wasEnded(runner)) throw cause;
    // Whatever it threw, even a refusal: what it committed stays.
    throw (ending.broken = new TransactionLostError(ENDED_BY_STEP, { cause }));
  }
}

/** A connection must not go back to the pool with a transaction open: one that cannot be rolled back is closed. */
async function rollBackWhatIsOpen(runner: QueryRunner, ending: Ending): Promise<void> {
  if (ending.broken !== undefined || !runner.isTransactionActive || runner.isReleased) return;
  try {
    await runner.rollbackTransaction();
    // An inner one that was left open: the outer one is still there.
    if (runner.isTransactionActive) await runner.query('rollback');
  } catch (error) {
    ending.broken = error instanceof Error ? error : new Error(String(error));
  }
}
