import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

/** Where a server's counters stood. */
export interface Reading {
  readonly lsn: string;
  readonly cpuMs: number | undefined;
  /** Of this database; undefined where they were not asked for. */
  readonly transactions: number | undefined;
}

export interface Sizes {
  readonly heap: number;
  readonly total: number;
}

/** An idle connection reports its transactions ten seconds after its last one, at the latest. */
const REPORTED_MS = 10_500;

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

const TRANSACTIONS = 'select xact_commit + xact_rollback as count from pg_stat_database where datname = $1';

const COMMITS = `
  select coalesce(sum(count), 0) as count from pg_get_wal_stats($1, $2, true)
  where "resource_manager/record_type" in ('Transaction/COMMIT', 'Transaction/COMMIT_PREPARED')`;

const SIZES = `
  select sum(pg_table_size(oid)) as heap, sum(pg_total_relation_size(oid)) as total
  from pg_class where relkind = 'r' and relnamespace not in (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema'))`;

/** Reads a server's counters from outside the database that is measured, which it adds nothing to. */
export class ServerMeter {
  private constructor(
    private readonly client: Client,
    private readonly postmaster: number | undefined,
  ) {}

  static async connect(url: string): Promise<ServerMeter> {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query('create extension if not exists pg_walinspect');
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    return new ServerMeter(client, rows[0] && postmasterOf(rows[0].pid));
  }

  /** What the run before left in memory does not burden this one; and the log stays readable until the next timed checkpoint. */
  async checkpoint(): Promise<void> {
    await this.client.query('checkpoint');
  }

  async read(database: string, withTransactions: boolean): Promise<Reading> {
    if (withTransactions) await pause(REPORTED_MS);
    const lsn = await this.text('select pg_current_wal_insert_lsn() as text');
    const cpuMs = this.postmaster === undefined ? undefined : cpuOf(this.postmaster);
    return { lsn, cpuMs, transactions: withTransactions ? await this.count(TRANSACTIONS, [database]) : undefined };
  }

  async walBytes(from: Reading, to: Reading): Promise<number> {
    return this.count('select $2::pg_lsn - $1::pg_lsn as count', [from.lsn, to.lsn]);
  }

  /** Transactions that wrote something: each waits for the disk, alone or with others. */
  async commits(from: Reading, to: Reading): Promise<number> {
    return this.count(COMMITS, [from.lsn, to.lsn]);
  }

  async drop(database: string): Promise<void> {
    await this.client.query(`drop database ${this.client.escapeIdentifier(database)} with (force)`);
  }

  async version(): Promise<string> {
    return this.text("select current_setting('server_version') as text");
  }

  close(): Promise<void> {
    return this.client.end();
  }

  private async count(statement: string, values: readonly unknown[] = []): Promise<number> {
    const { rows } = await this.client.query<{ count: string }>(statement, [...values]);
    return Number(rows[0]?.count);
  }

  private async text(statement: string): Promise<string> {
    const { rows } = await this.client.query<{ text: string }>(statement);
    return rows[0]?.text ?? '';
  }
}

/** All tables that are not PostgreSQL's own. */
export async function readSizes(url: string): Promise<Sizes> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<keyof Sizes, string>>(SIZES);
    return { heap: Number(rows[0]?.heap), total: Number(rows[0]?.total) };
  } finally {
    await client.end();
  }
}

/** Of the server and all its processes, those that have ended included. */
function cpuOf(postmaster: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === postmaster);
  const ticks = children.map((pid) => statOf(Number(pid))).map((stat) => Number(stat?.[11] ?? 0) + Number(stat?.[12] ?? 0));
  const own = statOf(postmaster)?.slice(11, 15).map(Number) ?? [];
  return [...ticks, ...own].reduce((sum, each) => sum + each, 0) * TICK_MS;
}

/** Undefined where the server is on another machine, or this one tells nothing of its processes. */
const postmasterOf = (backend: number): number | undefined =>
  readIfThere(`/proc/${backend}/comm`)?.startsWith('postgres') ? parentOf(backend) : undefined;

const parentOf = (pid: number): number | undefined => Number(statOf(pid)?.[1]) || undefined;

/** The fields after the name, which may hold anything. */
const statOf = (pid: number): readonly string[] | undefined => readIfThere(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // the process has ended meanwhile, or this is no Linux
  }
}
