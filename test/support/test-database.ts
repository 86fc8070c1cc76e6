import { randomUUID } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Removes the database, open connections and all. */
  drop(): Promise<void>;
}

/**
 * A fresh, empty database on the PostgreSQL of this test run. Each test file takes its own, so that files run side by side.
 * @throws Error when the run has no PostgreSQL: only files named `*.e2e-spec.ts`, run by jest.config.js, have one.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL'];
  if (!server) throw new Error('No PostgreSQL runs for this test. Name the file *.e2e-spec.ts and run it with jest.config.js (npm test).');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `create database ${escapeIdentifier(name)}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(server, `drop database if exists ${escapeIdentifier(name)} with (force)`) };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
