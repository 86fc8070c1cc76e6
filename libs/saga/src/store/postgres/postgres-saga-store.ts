import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

import { assertContiguous } from '../contiguous-entries.js';
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
import { SagaStoreError } from '../store-errors.js';
import { AfterCommit } from './after-commit.js';
import { AppTransactions } from './app-transactions.js';
import { CheckpointWriter, type WrittenCheckpoint } from './checkpoint-writer.js';
import { Connections, queryIn, type Row } from './connections.js';
import { StatementRefused } from './database-errors.js';
import { durabilityWarnings, readDatabaseSettings } from './durability-check.js';
import { DurableWrites } from './durable-writes.js';
import { Mailbox } from './mailbox.js';
import { runMigrations } from './migrations/run-migrations.js';
import { sagaMigrations } from './migrations/saga-migrations.js';
import { Nodes } from './nodes.js';
import { type Decide, OutsideChanges } from './outside-changes.js';
import { createOwnDataSource, LEASE_POOL_SIZE, POOL_SIZE } from './own-data-source.js';
import { quoteName } from './quote.js';
import { Retention } from './retention.js';
import { type Started, SagaStarts } from './saga-starts.js';
import { findGraph } from './sql/find-graph.js';
import { findSagaByKey } from './sql/find-saga-by-key.js';
import { findSaga } from './sql/find-saga.js';
import { listSagas } from './sql/list-sagas.js';
import { loadSagas } from './sql/load-sagas.js';
import { readClock } from './sql/read-clock.js';
import { readSettings } from './sql/read-settings.js';
import { registerGraphs } from './sql/register-graphs.js';
import { isUuid, readRow, readSaga } from './stored-rows.js';
import { WakeChannel } from './wake-channel.js';

export interface PostgresSagaStoreOptions {
  /** The application's, initialised. Transactional steps and callers' transactions run on it, and everything else beside it. */
  readonly dataSource: DataSource;
  readonly schema: string;
  readonly migrations: 'run' | 'check' | 'off';
  /** A transaction pooler stands between: no LISTEN, and nothing that a session would have to keep. Default false. */
  readonly pooled?: boolean;
}

const UNIQUE_VIOLATION = '23505';

/** Sagas in PostgreSQL. The guarantees are those of the interface; what carries each is said where it is kept. */
export class PostgresSagaStore implements SagaStore {
  readonly mail: Mailbox;
  readonly retention: Retention;
  private readonly logger = new Logger('SagaStore');
  private readonly schema: string;
  private readonly connections: Connections;
  private readonly leases: Connections;
  private readonly writes = new DurableWrites();
  private readonly starts: SagaStarts;
  private readonly checkpoints: CheckpointWriter;
  private readonly changes: OutsideChanges;
  private readonly nodes: Nodes;
  private readonly channel: WakeChannel;
  private readonly afterCommit: AfterCommit;
  private readonly transactions: AppTransactions;
  /** The checkpoint that a transaction ends with: by it a lost commit is read back. */
  private readonly lastCheckpoint = new WeakMap<QueryRunner, Checkpoint>();

  /** @throws SagaStoreError where the data source is no PostgreSQL */
  constructor(private readonly options: PostgresSagaStoreOptions) {
    const { pooled = false } = options;
    const dataSource = createOwnDataSource(options.dataSource, { poolSize: POOL_SIZE, pooled });
    this.schema = quoteName(options.schema);
    this.connections = new Connections(dataSource);
    this.leases = new Connections(createOwnDataSource(options.dataSource, { poolSize: LEASE_POOL_SIZE, pooled }));
    this.channel = new WakeChannel({ dataSource, connections: this.connections, schema: options.schema });
    this.starts = new SagaStarts(this.schema);
    this.checkpoints = new CheckpointWriter(this.schema);
    this.changes = new OutsideChanges(this.connections, this.schema);
    this.nodes = new Nodes({
      connections: this.connections,
      leases: this.leases,
      writes: this.writes,
      schema: this.schema,
      wake: (ids) => this.channel.wake(ids),
    });
    this.afterCommit = new AfterCommit(options.dataSource);
    this.mail = new Mailbox({
      connections: this.connections,
      writes: this.writes,
      schema: this.schema,
      dataSource: options.dataSource,
      afterCommit: this.afterCommit,
    });
    this.retention = new Retention({ connections: this.connections, writes: this.writes, schema: this.schema });
    this.transactions = new AppTransactions(options.dataSource, (runner) => this.readBack(runner));
  }

  async open(): Promise<void> {
    const { dataSource, schema, migrations, pooled = false } = this.options;
    await runMigrations(dataSource, sagaMigrations, { schema, mode: migrations });
    await this.connections.open();
    try {
      await this.leases.open();
      await this.checkDatabase(pooled);
      if (!pooled) await this.channel.open();
    } catch (error) {
      await this.closeConnections();
      throw error;
    }
    this.afterCommit.open();
  }

  async close(): Promise<void> {
    this.afterCommit.close();
    await this.channel.close();
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

  async start(saga: NewSaga, manager?: EntityManager): Promise<StartResult> {
    const { id, name, key } = saga.instance;
    assertContiguous(id, saga.entries, 1);
    if (!isUuid(id)) throw new SagaStoreError(`The saga id '${id}' is no UUID.`, { saga: name, sagaId: id });
    const wakeIfDue = ({ due }: Started): void => (due ? this.channel.wake([id]) : undefined);
    if (manager !== undefined) {
      const { runner, query } = queryIn(manager, this.options.dataSource);
      const started = await this.starts.start(saga, query, query);
      this.afterCommit.add(runner, () => wakeIfDue(started));
      return started.result;
    }
    const { write, read } = this.connections;
    return this.writes.carry(key === null ? `saga ${id}` : `key '${key}' of ${name}`, async (afterLoss) => {
      const started = await this.starts.start(saga, write, read);
      // Its own id under its own key: what was not answered had been done.
      if (afterLoss && started.result.kind === 'found' && started.result.id === id) {
        this.channel.wake([id]);
        return { kind: 'created' };
      }
      wakeIfDue(started);
      return started.result;
    });
  }

  async checkpoint(checkpoint: Checkpoint, manager?: EntityManager): Promise<CheckpointResult> {
    const { sagaId, entries } = checkpoint;
    assertContiguous(sagaId, entries, entries[0]?.sequence ?? 1);
    if (!isUuid(sagaId)) return { kind: 'lost' };
    const wakeIfDue = ({ due }: WrittenCheckpoint): void => (due ? this.channel.wake([sagaId]) : undefined);
    if (manager !== undefined) {
      const { runner, query } = queryIn(manager, this.options.dataSource);
      const written = await this.checkpoints.write(checkpoint, query, query);
      if (written.result.kind === 'passed') this.lastCheckpoint.set(runner, checkpoint);
      this.afterCommit.add(runner, () => wakeIfDue(written));
      return written.result;
    }
    const written = await this.writes.carry(`saga ${sagaId}`, (afterLoss) => this.writeCheckpoint(checkpoint, afterLoss));
    wakeIfDue(written);
    return written.result;
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

  async releaseExpired(): Promise<number> {
    return this.nodes.releaseExpired();
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

  private async writeCheckpoint(checkpoint: Checkpoint, afterLoss: boolean): Promise<WrittenCheckpoint> {
    const { write, read } = this.connections;
    const alreadyDone: WrittenCheckpoint = { result: { kind: 'passed' }, due: checkpoint.release };
    if (afterLoss && (await this.checkpoints.isWritten(checkpoint, write))) return alreadyDone;
    try {
      return await this.checkpoints.write(checkpoint, write, read);
    } catch (error) {
      // The statement whose answer was lost can arrive after it was looked for; the journal's key lets one of the two in.
      const cameLate = afterLoss && error instanceof StatementRefused && error.sqlState === UNIQUE_VIOLATION;
      if (cameLate && (await this.checkpoints.isWritten(checkpoint, write))) return alreadyDone;
      throw error;
    }
  }

  /** Whether a transaction whose commit was not answered is durable: its checkpoint tells. */
  private async readBack(runner: QueryRunner): Promise<boolean | undefined> {
    const checkpoint = this.lastCheckpoint.get(runner);
    if (checkpoint === undefined || checkpoint.entries.length === 0) return undefined;
    return this.writes.carry(`saga ${checkpoint.sagaId}`, () => this.checkpoints.isWritten(checkpoint, this.connections.write));
  }

  private async checkDatabase(pooled: boolean): Promise<void> {
    const [row] = await this.repeatedly(readSettings());
    const settings = readDatabaseSettings(row);
    if (pooled || !settings.lockWaitIsBounded) for (const connections of [this.connections, this.leases]) connections.boundEachWrite();
    for (const warning of durabilityWarnings(settings)) this.logger.warn(warning);
  }

  private async repeatedly(statement: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.writes.repeat(() => this.connections.read(statement, parameters));
  }
}
