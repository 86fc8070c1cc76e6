import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';

import { decodeCursor, encodeCursor } from '../list-cursor.js';
import type {
  Checkpoint,
  CheckpointResult,
  HeartbeatResult,
  NewSaga,
  OverdueSagas,
  RunnableDefinition,
  SagaFilter,
  SagaGraph,
  SagaRow,
  SagaStore,
  StartResult,
  StoredSaga,
} from '../saga-store.js';
import { AfterCommit } from './after-commit.js';
import { AppTransactions } from './app-transactions.js';
import type { Row } from './connection.js';
import { Connections } from './connections.js';
import { durabilityWarnings, readDatabaseSettings } from './durability-check.js';
import { DurableWrites } from './durable-writes.js';
import { KeptSession } from './kept-session.js';
import { Mailbox } from './mailbox.js';
import { runMigrations } from './migrations/run-migrations.js';
import { sagaMigrations } from './migrations/saga-migrations.js';
import { Nodes } from './nodes.js';
import { type Decide, OutsideChanges } from './outside-changes.js';
import { createOwnDataSource, LEASE_POOL_SIZE, POOL_SIZE } from './own-data-source.js';
import { quoteName } from './quote.js';
import { Retention } from './retention.js';
import { SagaWrites } from './saga-writes.js';
import { findGraph } from './sql/find-graph.js';
import { findSagaByKey } from './sql/find-saga-by-key.js';
import { findSaga } from './sql/find-saga.js';
import { listSagas } from './sql/list-sagas.js';
import { loadSagas } from './sql/load-sagas.js';
import { readClock } from './sql/read-clock.js';
import { readSettings } from './sql/read-settings.js';
import { registerGraphs } from './sql/register-graphs.js';
import { isUuid, readRow, readSaga } from './stored-rows.js';
import { DROPS_SETTINGS } from './undeclared-pooler.js';
import { WakeChannel } from './wake-channel.js';

export interface PostgresSagaStoreOptions {
  /** The application's, initialised. Transactional steps and callers' transactions run on it, and everything else beside it. */
  readonly dataSource: DataSource;
  readonly schema: string;
  readonly migrations: 'run' | 'check' | 'off';
  /** A transaction pooler stands between: no LISTEN, no session lock, and nothing else that a session would have to keep. Default false. */
  readonly pooled?: boolean;
}

/** Sagas in PostgreSQL. The guarantees are those of the interface; what carries each is said where it is kept. */
export class PostgresSagaStore implements SagaStore {
  readonly mail: Mailbox;
  readonly retention: Retention;
  private readonly logger = new Logger('SagaStore');
  private readonly schema: string;
  private readonly connections: Connections;
  private readonly leases: Connections;
  private readonly writes = new DurableWrites();
  private readonly sagas: SagaWrites;
  private readonly changes: OutsideChanges;
  private readonly nodes: Nodes;
  private readonly channel: WakeChannel;
  private readonly session: KeptSession;
  private readonly afterCommit: AfterCommit;
  private readonly transactions: AppTransactions;

  /** @throws SagaStoreError where the data source is no PostgreSQL */
  constructor(private readonly options: PostgresSagaStoreOptions) {
    const { pooled = false } = options;
    const dataSource = createOwnDataSource(options.dataSource, { poolSize: POOL_SIZE, pooled });
    this.schema = quoteName(options.schema);
    this.connections = new Connections(dataSource);
    this.leases = new Connections(createOwnDataSource(options.dataSource, { poolSize: LEASE_POOL_SIZE, pooled }));
    this.channel = new WakeChannel(this.connections, options.schema);
    this.session = new KeptSession({ dataSource, leases: this.leases, schema: this.schema, hears: this.channel });
    this.changes = new OutsideChanges(this.connections, this.schema);
    this.nodes = new Nodes({
      connections: this.connections,
      leases: this.leases,
      writes: this.writes,
      schema: this.schema,
      session: this.session,
      wake: (ids) => this.channel.wake(ids),
    });
    this.afterCommit = new AfterCommit(options.dataSource);
    const { connections, writes, schema, afterCommit } = this;
    const beside = { connections, writes, schema, afterCommit, dataSource: options.dataSource };
    this.mail = new Mailbox(beside);
    this.sagas = new SagaWrites({ ...beside, wake: (ids) => this.channel.wake(ids) });
    this.retention = new Retention({ connections, writes, schema });
    this.transactions = new AppTransactions(options.dataSource, (runner) => this.sagas.readBack(runner));
  }

  async open(): Promise<void> {
    const { dataSource, schema, migrations } = this.options;
    await runMigrations(dataSource, sagaMigrations, { schema, mode: migrations });
    await this.connections.open();
    try {
      await this.leases.open();
      const keepsSessions = await this.checkDatabase();
      if (keepsSessions) await this.session.open();
    } catch (error) {
      await this.closeConnections();
      throw error;
    }
    this.afterCommit.open();
  }

  async close(): Promise<void> {
    this.afterCommit.close();
    await this.channel.close();
    await this.session.close();
    await this.closeConnections();
  }

  private async closeConnections(): Promise<void> {
    await Promise.all([this.connections.close(), this.leases.close()]);
  }

  async now(): Promise<number> {
    const [row] = await this.repeatedly(readClock());
    // Rounded down: what is due now must not be due in a fraction of a millisecond.
    return Math.floor(row?.['now'] as number);
  }

  start(saga: NewSaga, manager?: EntityManager, onWait?: () => void): Promise<StartResult> {
    return this.sagas.start(saga, manager, onWait);
  }

  checkpoint(checkpoint: Checkpoint, manager?: EntityManager): Promise<CheckpointResult> {
    return this.sagas.checkpoint(checkpoint, manager);
  }

  async transaction<T>(run: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.transactions.run(run);
  }

  async change(sagaId: string, decide: Decide): Promise<boolean | undefined> {
    return this.changeBy(sagaId, decide);
  }

  async collect(sagaId: string, decide: Decide): Promise<boolean | undefined> {
    return this.changeBy(sagaId, decide, this.mail);
  }

  async load(sagaId: string): Promise<StoredSaga | undefined> {
    if (!isUuid(sagaId)) return undefined;
    const [row] = await this.repeatedly(loadSagas(this.schema), [[sagaId], null]);
    return row && readSaga(row);
  }

  async find(sagaId: string): Promise<SagaRow | undefined> {
    if (!isUuid(sagaId)) return undefined;
    const [row] = await this.repeatedly(findSaga(this.schema), [sagaId]);
    return row && readRow(row);
  }

  async findByKey(name: string, key: string): Promise<SagaRow | undefined> {
    const [row] = await this.repeatedly(findSagaByKey(this.schema), [name, key]);
    return row && readRow(row);
  }

  async list(filter: SagaFilter): Promise<{ readonly items: readonly StoredSaga[]; readonly next?: string }> {
    const { name = null, statuses = null, key = null, startedAfter = null, startedBefore = null, limit, cursor } = filter;
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const parameters = [name, statuses, key, startedAfter, startedBefore, after?.startedAt ?? null, after?.id ?? null, limit + 1];
    const sagas = (await this.repeatedly(listSagas(this.schema), parameters)).map(readSaga);
    const items = sagas.slice(0, limit);
    const last = items.at(-1);
    return sagas.length > limit && last !== undefined ? { items, next: encodeCursor(last.row) } : { items };
  }

  async registerGraphs(graphs: readonly SagaGraph[]): Promise<void> {
    const parameters = [graphs.map(({ hash }) => hash), graphs.map(({ steps }) => JSON.stringify(steps))];
    await this.writes.repeat(() => this.connections.write(registerGraphs(this.schema), parameters));
  }

  async findGraph(hash: string): Promise<SagaGraph['steps'] | undefined> {
    const [row] = await this.repeatedly(findGraph(this.schema), [hash]);
    return row && (JSON.parse(row['steps'] as string) as SagaGraph['steps']);
  }

  async registerNode(nodeId: string, leaseMs: number): Promise<void> {
    return this.nodes.register(nodeId, leaseMs);
  }

  async heartbeat(nodeId: string, leaseMs: number): Promise<HeartbeatResult> {
    return this.nodes.heartbeat(nodeId, leaseMs);
  }

  async removeNode(nodeId: string): Promise<void> {
    return this.nodes.remove(nodeId);
  }

  async releaseGone(): Promise<number> {
    return this.nodes.releaseGone();
  }

  async claim(nodeId: string, limit: number, definitions: readonly RunnableDefinition[]): Promise<readonly StoredSaga[]> {
    return this.nodes.claim(nodeId, limit, definitions);
  }

  async reclaim(nodeId: string, sagaId: string): Promise<StoredSaga | undefined> {
    return isUuid(sagaId) ? this.nodes.reclaim(nodeId, sagaId) : undefined;
  }

  async overdue(afterMs: number): Promise<readonly OverdueSagas[]> {
    return this.nodes.overdue(afterMs);
  }

  onWake(wake: (sagaId: string) => void): () => void {
    return this.channel.listeners.add(wake);
  }

  private async changeBy(sagaId: string, decide: Decide, mailbox?: Mailbox): Promise<boolean | undefined> {
    if (!isUuid(sagaId)) return undefined;
    const changed = await this.writes.carry(`saga ${sagaId}`, this.changes.begin(sagaId, decide, mailbox));
    if (changed === true) this.channel.wake([sagaId]);
    return changed;
  }

  /** @returns whether our sessions are ours alone: where a pooler shares them, none listens, and none keeps a setting */
  private async checkDatabase(): Promise<boolean> {
    const { pooled = false } = this.options;
    const [row] = await this.repeatedly(readSettings());
    const settings = readDatabaseSettings(row);
    for (const warning of durabilityWarnings(settings)) this.logger.warn(warning);
    if (!pooled && settings.lockWaitIsBounded) return true;
    if (!pooled) this.logger.warn(DROPS_SETTINGS);
    for (const connections of [this.connections, this.leases]) connections.boundEachWrite();
    return false;
  }

  private async repeatedly(statement: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.writes.repeat(() => this.connections.read(statement, parameters));
  }
}
