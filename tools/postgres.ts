import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { clearLeftover } from './postgres/leftover.js';
import { dataFolder, preparePlace } from './postgres/place.js';
import { initialise, launch, type RunningServer } from './postgres/server.js';

export interface PostgresOptions {
  /** Where the embedded server keeps its data and its log. It is made if missing, and kept after `stop()`. */
  readonly folder: string;
  /** Port on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** Settings of postgresql.conf for this run, such as `{ fsync: 'off' }` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Postgres {
  /** The maintenance database of the server. */
  readonly url: string;
  /**
   * Makes a database and gives its url.
   * @throws Error when it exists, unless `ifMissing` is set.
   */
  createDatabase(name: string, options?: { readonly ifMissing?: boolean }): Promise<string>;
  /** Stops the server and keeps its data. Does nothing for a server that was there before (`DATABASE_URL`). */
  stop(): Promise<void>;
}

/**
 * PostgreSQL from npm, in a folder, on 127.0.0.1; or the server that `DATABASE_URL` names. A server or a lock file that a
 * killed run left in the folder is cleared away.
 * @throws Error that says what is wrong and what to do: the folder in use, no binaries for this machine, no start within 60 s.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const given = process.env['DATABASE_URL'];
  const server = given ? await connectTo(given) : await startEmbedded(options);
  return {
    url: server.url,
    stop: () => server.stop(),
    createDatabase: (name, how) => createDatabase(server.url, name, how?.ifMissing ?? false),
  };
}

/**
 * Removes the folder of an embedded server, data and log. A server that a killed run left in it is ended first.
 * @throws Error when a run that is still alive uses the folder.
 */
export async function removePostgres(folder: string): Promise<void> {
  if (process.env['DATABASE_URL']) return;
  const place = await preparePlace(folder);
  await clearLeftover(dataFolder(place));
  for (const path of [resolve(folder), place.folder]) rmSync(path, { recursive: true, force: true });
}

async function startEmbedded({ folder, port, settings }: PostgresOptions): Promise<RunningServer> {
  const place = await preparePlace(folder);
  await clearLeftover(dataFolder(place));
  await initialise(place);
  return launch(place, port, settings ?? {});
}

async function connectTo(url: string): Promise<RunningServer> {
  await withClient(url, (client) => client.query('select 1'));
  return { url, stop: () => Promise.resolve() };
}

async function createDatabase(serverUrl: string, name: string, ifMissing: boolean): Promise<string> {
  await withClient(serverUrl, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount && ifMissing) return;
    await client.query(`create database ${escapeIdentifier(name)}`);
  });
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    const { host, pathname } = new URL(url);
    const why = (error as Error).message;
    throw new Error(`Cannot connect to PostgreSQL at ${host}${pathname}: ${why}. Start it, or mend DATABASE_URL.`, { cause: error });
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
