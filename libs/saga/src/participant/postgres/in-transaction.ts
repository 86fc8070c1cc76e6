import type { DataSource, QueryRunner } from 'typeorm';

import { CommitUnknownError, TransactionLostError } from '../../store/store-errors.js';
import { isCertainlyRolledBack, isTransactionGone } from './sql-state.js';

const SAVEPOINT = 'saga_handler';

/** What a unit of work wants of its transaction. */
export interface Ending<T> {
  readonly end: 'commit' | 'roll back';
  readonly value: T;
}

/**
 * Runs `work` in a transaction of its own connection. What `work` throws rolls it back.
 *
 * @throws CommitUnknownError where it may be durable and may not
 */
export async function inTransaction<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<Ending<T>>): Promise<T> {
  const runner = dataSource.createQueryRunner('master');
  try {
    await runner.connect();
    // The fence reads the row as it is after waiting for it; a snapshot from before the wait would hide the outcome.
    await runner.startTransaction('READ COMMITTED');
    const { end, value } = await work(runner);
    if (end === 'commit') await commit(runner);
    return value;
  } finally {
    await rollBackWhatIsOpen(runner);
    await runner.release();
  }
}

/**
 * Runs `work` at a savepoint, and undoes what it did in the database where it throws; the transaction goes on.
 *
 * @throws TransactionLostError where `work` ended the transaction itself: nobody knows then what is durable
 */
export async function atSavepoint<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  await runner.query(`savepoint ${SAVEPOINT}`);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await undo(runner, error);
    throw error;
  }
  await endSavepoint(runner, `release savepoint ${SAVEPOINT}`);
  return result;
}

/** Where it fails the error of the handler must not pass for what is known: a refusal, for one, could not be stored. */
async function undo(runner: QueryRunner, thrown: unknown): Promise<void> {
  try {
    await endSavepoint(runner, `rollback to savepoint ${SAVEPOINT}`);
  } catch (error) {
    if (error instanceof TransactionLostError) throw error;
    throw new Error(`${messageOf(error)}, after the handler had thrown: ${messageOf(thrown)}`, { cause: error });
  }
}

async function endSavepoint(runner: QueryRunner, statement: string): Promise<void> {
  try {
    await runner.query(statement);
  } catch (cause) {
    if (!isTransactionGone(cause)) throw cause;
    const mend = 'Leave commit and rollback to the participant; throw StepRejected to refuse.';
    throw new TransactionLostError(`The handler ended the transaction that the participant opened for it. ${mend}`, { cause });
  }
}

async function commit(runner: QueryRunner): Promise<void> {
  try {
    await runner.commitTransaction();
  } catch (error) {
    if (isCertainlyRolledBack(error)) throw error;
    throw new CommitUnknownError(`The answer to COMMIT is lost: ${messageOf(error)}`, { cause: error });
  }
  // TypeORM counts depth: where a handler left a transaction open inside, the call above released a savepoint only.
  if (runner.isTransactionActive)
    throw new Error(
      'The handler began a transaction inside that of the participant and did not end it. Await it, or use manager.transaction().',
    );
}

/** A connection must not go back to the pool with a transaction open. */
async function rollBackWhatIsOpen(runner: QueryRunner): Promise<void> {
  if (!runner.isTransactionActive || runner.isReleased) return;
  await runner.rollbackTransaction().catch(() => undefined);
  if (runner.isTransactionActive) await runner.query('rollback').catch(() => undefined);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
