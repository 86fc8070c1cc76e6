import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

import { SagaStoreError, TransactionLostError } from '../store-errors.js';
import { connect, type Query, queryOn, release, type Row } from './connection.js';
import { StatementUnanswered, translated } from './database-errors.js';
import { LOCK_TIMEOUT_MS } from './own-data-source.js';
import { Pipeline } from './pipeline.js';
import { wasEnded } from './transaction-watch.js';
import { refusedByPooler } from './undeclared-pooler.js';

/** The library's own connections: each statement is translated into an answer, a refusal or a silence. */
export class Connections {
  /** Waits for locks are bounded by the session, unless a pooler stands between and shares it. */
  private boundedBySession = true;
  private closing: Promise<void> | undefined;
  private readonly pipeline = new Pipeline(() => this.runner());

  constructor(private readonly dataSource: DataSource) {}

  /** @throws SagaStoreError where nobody answers, or a pooler refuses what our sessions ask for */
  async open(): Promise<void> {
    try {
      await this.dataSource.initialize();
    } catch (error) {
      throw refusedByPooler(error) ?? new StatementUnanswered(error);
    }
  }

  async close(): Promise<void> {
    this.closing ??= this.dataSource.isInitialized ? this.pipeline.close().then(async () => this.dataSource.destroy()) : Promise.resolve();
    return this.closing;
  }

  /** From here on each write brings its own bound along, in a transaction: four more round trips. */
  boundEachWrite(): void {
    this.boundedBySession = false;
  }

  /** Whether a prepared statement that is made while another one is on its way goes out at once, and not on a connection of its own. */
  get arePipelined(): boolean {
    return this.boundedBySession && this.pipeline.isDeep;
  }

  /**
   * A statement that is made again and again, and commits by itself: prepared once on each connection, unless a pooler stands between. It
   * must wait for no lock that others hold for long.
   */
  readonly prepared = async (name: string, statement: string, parameters: readonly unknown[]): Promise<readonly Row[]> =>
    this.boundedBySession ? this.pipeline.query(name, statement, parameters) : this.write(statement, parameters);

  /** One statement that takes no lock that others hold for long. */
  readonly read: Query = (statement, parameters) => this.onConnection((runner) => queryOn(runner)(statement, parameters));

  /** One statement, which commits by itself. It waits for locks LOCK_TIMEOUT_MS at most. */
  readonly write: Query = async (statement, parameters) => {
    if (this.boundedBySession) return this.read(statement, parameters);
    return this.transaction((query) => query(statement, parameters));
  };

  /** Read committed; commits when `run` resolves, rolls back when it throws. Locks are waited for LOCK_TIMEOUT_MS at most. */
  async transaction<T>(run: (query: Query) => Promise<T>): Promise<T> {
    return this.onConnection(async (runner) => {
      await runner.startTransaction('READ COMMITTED');
      try {
        const query = queryOn(runner);
        if (!this.boundedBySession) await query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
        const result = await run(query);
        await runner.commitTransaction();
        return result;
      } catch (error) {
        if (!(translated(error) instanceof StatementUnanswered)) await runner.rollbackTransaction();
        throw error;
      }
    });
  }

  /** Lends a connection; one that stopped answering does not go back to the pool, where it would fail its next user too. */
  async onConnection<T>(run: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.runner();
    let broken: StatementUnanswered | undefined;
    try {
      await connect(runner);
      return await run(runner);
    } catch (error) {
      const failure = translated(error);
      if (failure instanceof StatementUnanswered) broken = failure;
      throw failure;
    } finally {
      await release(runner, broken);
    }
  }

  private runner(): QueryRunner {
    if (this.closing !== undefined || !this.dataSource.isInitialized) throw new SagaStoreError('The saga store is not open.');
    return this.dataSource.createQueryRunner('master');
  }
}

export const ENDED_BY_STEP =
  'The step ended the transaction that was opened for it, so that what it did may be durable. Leave commit and rollback to the library; throw to roll back.';

/** Statements in the transaction of an application. @throws SagaStoreError, TransactionLostError where none is open, or it is another data source's */
export function queryIn(manager: EntityManager, app: DataSource): { readonly runner: QueryRunner; readonly query: Query } {
  const runner = manager.queryRunner;
  if (runner !== undefined && wasEnded(runner)) throw new TransactionLostError(ENDED_BY_STEP);
  if (runner === undefined || !runner.isTransactionActive) {
    throw new SagaStoreError(
      'The given manager has no open transaction. Pass the one that dataSource.transaction(async (manager) => …) gives, or leave it out.',
    );
  }
  if (manager.connection !== app) {
    throw new SagaStoreError(
      "The given manager belongs to another data source than the sagas. Name that one: SagaModule.forRoot({ dataSource: '…' }), or leave the manager out.",
    );
  }
  return { runner, query: queryOn(runner) };
}
