import type { SagaModuleOptions } from 'nestjs-sagas';
import { Pool } from 'pg';

import { readEntries } from '../../libs/saga/src/store/postgres/stored-rows.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { NodeProcess, type NodeProcessSetup } from './node-process.js';

/** Something that a saga did, or that happened to it, in one process. */
export interface Occurrence {
  readonly what: 'began' | 'aborted' | 'done' | 'recorded';
  readonly deed: string;
  readonly attempt: number;
  readonly node: string;
}

export interface SagaFacts {
  readonly status: string;
  readonly owner: string | null;
  readonly failure: { readonly step?: string; readonly code?: string; readonly message: string } | null;
}

export interface JournalLine {
  readonly sequence: number;
  readonly kind: string;
  readonly step?: string;
  readonly direction?: string;
  readonly attempt?: number;
  readonly why?: string;
}

/** For a busy machine: a test that waits so long has failed. */
const PATIENCE_MS = 30_000;
/** Short, so that a take-over is soon; long enough for a live node on a busy machine to keep it. */
const LEASE = '2s';

const TABLES = `
  create table gate (name text primary key);
  create table deposit (saga_id uuid not null, node text not null);
  create table occurrence (
    id uuid primary key, position bigserial, what text not null, deed text not null,
    saga_id uuid not null, attempt int not null, node text not null, key text)`;

/** A database, the nodes that a test starts on it, and what the test sees of them. */
export class Stage {
  /** Nothing is booted on it any more. */
  isClosed = false;
  private readonly nodes: NodeProcess[] = [];
  private readonly boots: Promise<NodeProcess>[] = [];

  private constructor(
    readonly database: TestDatabase,
    private readonly pool: Pool,
  ) {}

  static async open(): Promise<Stage> {
    const database = await createTestDatabase();
    const pool = new Pool({ connectionString: database.url, application_name: 'the test', max: 1 });
    // A test may stop the server; the next question connects again.
    pool.on('error', () => undefined);
    await pool.query(TABLES);
    return new Stage(database, pool);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.allSettled(this.boots);
    await Promise.all(this.nodes.map(async (node) => node.kill()));
    await this.pool.end();
    await this.database.drop();
  }

  async boot(name: string, { worker, ...options }: SagaModuleOptions = {}, setup: Partial<NodeProcessSetup> = {}): Promise<NodeProcess> {
    if (this.isClosed) throw new Error('The stage is closed');
    const booting = NodeProcess.boot({
      name,
      databaseUrl: this.database.url,
      options: { ...options, worker: { lease: LEASE, ...worker } },
      ...setup,
    });
    this.boots.push(booting);
    const node = await booting;
    this.nodes.push(node);
    return node;
  }

  async query<Row>(statement: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.pool.query(statement, [...parameters])).rows as Row[];
  }

  /** Cuts all connections that nodes have open; not what the test has. */
  async cutConnections(): Promise<void> {
    await this.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name <> 'the test'",
    );
  }

  async openGate(name: string): Promise<void> {
    await this.query('insert into gate values ($1) on conflict do nothing', [name]);
  }

  /** In order. */
  async occurrences(sagaId: string, filter: Partial<Occurrence> = {}): Promise<readonly Occurrence[]> {
    const all = await this.query<Occurrence>('select what, deed, attempt, node from occurrence where saga_id = $1 order by position', [
      sagaId,
    ]);
    return all.filter((one) => Object.entries(filter).every(([name, value]) => one[name as keyof Occurrence] === value));
  }

  /** How often each deed was done. */
  async done(sagaId: string): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const { deed } of await this.occurrences(sagaId, { what: 'done' })) counts[deed] = (counts[deed] ?? 0) + 1;
    return counts;
  }

  /** How often each deed was done, by its idempotency key without the saga's id. */
  async effects(sagaId: string): Promise<Readonly<Record<string, number>>> {
    const rows = await this.query<{ key: string; count: number }>(
      "select key, count(*)::int from occurrence where saga_id = $1 and what = 'done' group by key",
      [sagaId],
    );
    return Object.fromEntries(rows.map(({ key, count }) => [key.replace(`${sagaId}:`, ''), count]));
  }

  /** Which nodes made the deposits of a saga that are there. */
  async deposits(sagaId: string): Promise<readonly string[]> {
    return (await this.query<{ node: string }>('select node from deposit where saga_id = $1', [sagaId])).map(({ node }) => node);
  }

  /** The nodes that have a lease. */
  async nodeIds(): Promise<readonly string[]> {
    return (await this.query<{ id: string }>('select id from saga.saga_node')).map(({ id }) => id);
  }

  /** How many connections of nodes have a transaction open, and do nothing in it. */
  async openTransactions(): Promise<number> {
    const open = await this.query("select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'");
    return open.length;
  }

  /** The connections of nodes that wait to be told of sagas. */
  async listeners(): Promise<readonly { readonly pid: number }[]> {
    return this.query("select pid from pg_stat_activity where datname = current_database() and query ilike 'listen %'");
  }

  async saga(sagaId: string): Promise<SagaFacts> {
    const [row] = await this.query<SagaFacts>('select status, owner, failure from saga.saga_instance where id = $1', [sagaId]);
    if (row === undefined) throw new Error(`There is no saga ${sagaId}`);
    return row;
  }

  async journal(sagaId: string): Promise<readonly JournalLine[]> {
    const rows = await this.query<{ sequence: number; entries: unknown }>(
      'select sequence, entries from saga.saga_journal where saga_id = $1 order by sequence',
      [sagaId],
    );
    return rows.flatMap(({ sequence, entries }) => readEntries(sequence, 0, entries)).map(({ at: _, ...line }) => line);
  }

  /** Waits for the first occurrence of that kind. */
  async seen(sagaId: string, filter: Partial<Occurrence>): Promise<Occurrence> {
    const found = await this.until(
      async () => this.occurrences(sagaId, filter),
      (occurrences) => occurrences.length > 0,
    );
    return found[0]!;
  }

  async reached(sagaId: string, status: string): Promise<SagaFacts> {
    return this.until(
      async () => this.saga(sagaId),
      (saga) => saga.status === status,
    );
  }

  async until<T>(read: () => T | Promise<T>, isIt: (value: T) => boolean): Promise<T> {
    return eventually(read, isIt, PATIENCE_MS).catch((error: Error) => {
      const printed = this.nodes.map(({ name, printed: lines }) => `--- ${name}\n${lines.slice(-3000)}`);
      throw new Error(`${error.message}\n${printed.join('\n')}`);
    });
  }
}

/** Tests with real processes: each has a database of its own, and leaves nothing running. */
export function describeProcesses(title: string, tell: (stage: () => Stage) => void): void {
  describe(title, () => {
    let current: Stage;
    beforeEach(async () => {
      current = await Stage.open();
    }, PATIENCE_MS);
    afterEach(async () => current.close(), PATIENCE_MS);
    tell(() => current);
  });
}

/** Of one test: several waits. */
export const TEST_TIMEOUT_MS = 120_000;
