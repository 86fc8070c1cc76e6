import type { DataSource, QueryRunner } from 'typeorm';

import { CommitUnknownError, TransactionLostError } from '../../store/store-errors.js';
import { inOneMessage } from './in-one-message.js';
import { isCertainlyRolledBack, isTransactionGone } from './sql-state.js';

const SAVEPOINT = 'saga_handler';

/** The fence reads the row as it is after waiting for it; a snapshot from before the wait would hide the outcome. */
const BEGIN = 'start transaction isolation level read committed';

/** What a unit of work wants of its transaction. */
export interface Ending<T> {
  readonly value: T;
  /** Statements to commit with; left out: all is rolled back. */
  readonly commit?: readonly string[];
  /** What the work did is undone, and only `commit` is committed. */
  readonly undone?: boolean;
}

export interface Work<T> {
  /** Sees to the session before the transaction begins. Tells whether it has prepared statements. */
  readonly prepare: (runner: QueryRunner) => Promise<boolean>;
  /** Statements that the transaction begins with. */
  readonly first: (isPrepared: boolean) => readonly string[];
  /** What is thrown where one of them fails. */
  readonly firstFailed: (error: unknown) => unknown;
  /** @param rows what the last of `first` returned */
  readonly run: (runner: QueryRunner, rows: readonly unknown[], isPrepared: boolean) => Promise<Ending<T>>;
}

/**
 * Runs `work` in a transaction of its own connection, which takes one round trip before it and one after. What it throws rolls it back.
 *
 * @throws CommitUnknownError where it may be durable and may not
 * @throws TransactionLostError where `work` ended the transaction itself: nobody knows then what is durable
 */
export async function inTransaction<T>(dataSource: DataSource, work: Work<T>): Promise<T> {
  const runner = dataSource.createQueryRunner('master');
  try {
    await runner.connect();
    const isPrepared = await work.prepare(runner);
    const rows = await begin(runner, work.first(isPrepared), work.firstFailed);
    const { value, commit: last, undone = false } = await work.run(runner, rows, isPrepared).catch((error: unknown) => undo(runner, error));
    if (last !== undefined)
      await commit(runner, [undone ? `rollback to savepoint ${SAVEPOINT}` : `release savepoint ${SAVEPOINT}`, ...last]);
    return value;
  } finally {
    await rollBackWhatIsOpen(runner);
    await runner.release();
  }
}

/**
 * What TypeORM's query runners count, so that a transaction inside this one becomes a savepoint. Their own methods send BEGIN and COMMIT alone; here
 * they go together with what the fence sends.
 */
interface Counts {
  isTransactionActive: boolean;
  transactionDepth: number;
}

const countsOf = (runner: QueryRunner): Counts => runner as unknown as Counts;

async function begin(
  runner: QueryRunner,
  first: readonly string[],
  firstFailed: Work<unknown>['firstFailed'],
): Promise<readonly unknown[]> {
  const counts = countsOf(runner);
  if (counts.transactionDepth !== 0)
    throw new Error('This version of TypeORM counts transactions in a way that nestjs-sagas does not know.');
  await runner.broadcaster.broadcast('BeforeTransactionStart');
  counts.isTransactionActive = true;
  const results = await inOneMessage(runner, [BEGIN, ...first, `savepoint ${SAVEPOINT}`]).catch((error: unknown) => {
    throw firstFailed(error);
  });
  counts.transactionDepth = 1;
  await runner.broadcaster.broadcast('AfterTransactionStart');
  return results[first.length] ?? [];
}

async function commit(runner: QueryRunner, last: readonly string[]): Promise<void> {
  const counts = countsOf(runner);
  await runner.broadcaster.broadcast('BeforeTransactionCommit');
  if (counts.transactionDepth !== 1)
    throw new Error(
      'The handler began a transaction inside that of the participant and did not end it. Await it, or use manager.transaction().',
    );
  try {
    await inOneMessage(runner, [...last, 'commit']);
    counts.isTransactionActive = false;
    counts.transactionDepth = 0;
    await runner.broadcaster.broadcast('AfterTransactionCommit');
  } catch (error) {
    if (isTransactionGone(error)) throw transactionLost(error);
    if (isCertainlyRolledBack(error)) throw error;
    throw new CommitUnknownError(`The answer to COMMIT is lost: ${messageOf(error)}`, { cause: error });
  }
}

/** What the work threw, unless it had ended the transaction: then its error must not pass for what is known. */
async function undo(runner: QueryRunner, thrown: unknown): Promise<never> {
  try {
    await inOneMessage(runner, [`rollback to savepoint ${SAVEPOINT}`]);
  } catch (error) {
    if (isTransactionGone(error)) throw transactionLost(error);
    throw new Error(`${messageOf(error)}, after the handler had thrown: ${messageOf(thrown)}`, { cause: error });
  }
  throw thrown;
}

function transactionLost(cause: unknown): TransactionLostError {
  const mend = 'Leave commit and rollback to the participant; throw StepRejected to refuse.';
  return new TransactionLostError(`The handler ended the transaction that the participant opened for it. ${mend}`, { cause });
}

/** A connection must not go back to the pool with a transaction open. */
async function rollBackWhatIsOpen(runner: QueryRunner): Promise<void> {
  if (!runner.isTransactionActive || runner.isReleased) return;
  await runner.rollbackTransaction().catch(() => undefined);
  if (runner.isTransactionActive) await runner.query('rollback').catch(() => undefined);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
