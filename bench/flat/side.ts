import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { createPostgresSagaStore } from '../../libs/saga/src/store/postgres/index.js';
import type { SagaStore } from '../../libs/saga/src/store/saga-store.js';
import { endedSaga } from './sagas.js';

/** What is measured on: a database with its store, opened by this process, and a node that owns what it takes. */
export interface Side {
  readonly name: string;
  readonly store: SagaStore;
  readonly node: string;
  /** The application's, beside which the store has its own. */
  readonly dataSource: DataSource;
  readonly client: Client;
  /** Ids and keys of sagas that have ended, from all over the table. */
  known: Known;
}

export interface Known {
  readonly ids: readonly string[];
  readonly keys: readonly string[];
}

/** Long enough to outlast the measurement. */
const LEASE_MS = 3_600_000;

const KNOWN = 2_000;

export interface Place {
  readonly name: string;
  readonly url: string;
  /** Of the server, for the sessions of the store: -c name=value. */
  readonly settings?: string;
}

/** Opens a store on a database, works with it, and closes it. */
export async function withSide<T>({ name, url, settings = '' }: Place, work: (side: Side) => Promise<T>): Promise<T> {
  const dataSource = await new DataSource({ type: 'postgres', url, extra: { options: settings } }).initialize();
  const client = new Client({ connectionString: url });
  await client.connect();
  const store = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'run' });
  try {
    await store.open();
    const node = randomUUID();
    await store.registerNode(node, LEASE_MS);
    return await work({ name, store, node, dataSource, client, known: await knownIn(client) });
  } finally {
    await store.close();
    await dataSource.destroy();
    await client.end();
  }
}

/** Ends what the measurement has begun, so that the next round finds what this one found. */
export async function settle({ client, node }: Side): Promise<void> {
  await client.query(
    `update saga.saga_instance set status = 'completed', owner = null, wake_at = null, ended_at = now()
     where owner = $1 or (owner is null and wake_at <= now())`,
    [node],
  );
}

/** Nothing is in the tables but a hundred sagas that have ended, to look for. */
export async function empty(side: Side): Promise<void> {
  await side.client.query('truncate saga.saga_instance, saga.saga_journal, saga.saga_mailbox');
  await Promise.all(Array.from({ length: 100 }, async () => side.store.start(endedSaga(Date.now()))));
  side.known = await knownIn(side.client);
}

async function knownIn(client: Client): Promise<Known> {
  const { rows } = await client.query<{ id: string; key: string | null }>(
    `select id, key from saga.saga_instance where name = 'order' order by random() limit ${KNOWN}`,
  );
  return { ids: rows.map(({ id }) => id), keys: rows.flatMap(({ key }) => key ?? []) };
}
