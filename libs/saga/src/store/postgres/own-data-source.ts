import { DataSource, type DataSourceOptions } from 'typeorm';

import { SagaStoreError } from '../store-errors.js';

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** One listens, the others write and read: enough to keep a database of a few cores busy. */
export const POOL_SIZE = 6;

/** A lease must not wait behind the checkpoints of a thousand sagas: it would be lost under load, and all sagas with it. */
export const LEASE_POOL_SIZE = 1;

export interface OwnDataSourceOptions {
  readonly poolSize: number;
  /** A transaction pooler stands between: it refuses sessions that ask for settings of their own. */
  readonly pooled: boolean;
}

/** How long a write waits for a row that somebody holds before it gives its connection to others. [R32] */
export const LOCK_TIMEOUT_MS = 200;

/** A statement without an answer for this long has lost it; longer than any of ours takes, shorter than TCP takes to notice. */
const ANSWER_TIMEOUT_MS = 15_000;

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A data source with the application's credentials and connections of its own, so that neither can use up the other's. [R34]
 * It knows no entities, migrations or subscribers, and logs nothing.
 *
 * @throws SagaStoreError where the application's data source is no PostgreSQL
 */
export function createOwnDataSource(app: DataSource, { poolSize, pooled }: OwnDataSourceOptions): DataSource {
  const options = postgresOptions(app);
  const { replication, isolationLevel: _isolationLevel, ...rest } = options;
  return new DataSource({
    ...rest,
    // Reads go to the primary too: a replica may not know yet what was just written.
    ...replication?.master,
    applicationName: 'nestjs-sagas',
    entities: [],
    migrations: [],
    subscribers: [],
    synchronize: false,
    dropSchema: false,
    migrationsRun: false,
    installExtensions: false,
    cache: false,
    logging: false,
    poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    // The application hears of a broken connection from its own pool; ours is replaced, and what it carried is read back.
    poolErrorHandler: () => undefined,
    extra: {
      ...extraOf(options),
      max: poolSize,
      keepAlive: true,
      query_timeout: ANSWER_TIMEOUT_MS,
      ...(!pooled && { options: sessionSettings(options), pipeline: true }),
    },
  });
}

/** @throws SagaStoreError where the data source is no PostgreSQL */
export function postgresOptions({ options }: DataSource): PostgresOptions {
  if (options.type === 'postgres') return options;
  throw new SagaStoreError(`The data source is '${options.type}'; sagas need PostgreSQL. For a first try: store: 'memory'.`);
}

/** How many connections the application's pool has. */
export function appPoolSize(app: DataSource): number {
  const options = postgresOptions(app);
  const { max } = extraOf(options);
  return typeof max === 'number' ? max : (options.poolSize ?? DEFAULT_POOL_SIZE);
}

/** Of `pg`. */
const DEFAULT_POOL_SIZE = 10;

const extraOf = ({ extra }: PostgresOptions): Readonly<Record<string, unknown>> => (extra ?? {}) as Record<string, unknown>;

/** Of a session: what the application asks for, and what we do. */
function sessionSettings(options: PostgresOptions): string {
  const { options: own } = extraOf(options);
  const ours = Object.entries(SESSION).map(([name, value]) => `-c ${name}=${value}`);
  return [...(typeof own === 'string' ? [own] : []), ...ours].join(' ');
}

/**
 * Read committed: each statement sees what is committed when it begins, which fences and take-overs rest on.
 *
 * No sequential scans: a prepared statement keeps the plan that was made for a table of a few rows until that is analyzed, a minute later or more. In a burst
 * after a quiet time a group then read the whole table for each of its sagas: after 12,000 of them one cost the server 11.4 ms instead of 0.2.
 * No parallel workers and no compiled plans: no statement of ours is worth them, and on large tables the planner takes some for large. To look for
 * sagas that nobody takes up cost 17 ms and two processes of the server each time, for none that was found.
 */
const SESSION = {
  lock_timeout: LOCK_TIMEOUT_MS,
  default_transaction_isolation: 'read\\ committed',
  enable_seqscan: 'off',
  max_parallel_workers_per_gather: 0,
  jit: 'off',
};
