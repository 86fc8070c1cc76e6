import { Client, escapeIdentifier } from 'pg';

/**
 * A database whose clock the test moves: new connections to it find this `clock_timestamp()` before PostgreSQL's own.
 * Call it before anything else connects.
 */
export async function installMovableClock(url: string): Promise<{ pass(ms: number): Promise<void> }> {
  const database = new URL(url).pathname.slice(1);
  await execute(
    url,
    `create schema test_clock;
     create table test_clock.shift (ms float8 not null);
     insert into test_clock.shift values (0);
     create function test_clock.clock_timestamp() returns timestamptz language sql volatile as
       'select pg_catalog.clock_timestamp() + ms * interval ''1 millisecond'' from test_clock.shift';
     alter database ${escapeIdentifier(database)} set search_path = test_clock, pg_catalog, public`,
  );
  return { pass: async (ms) => execute(url, `update test_clock.shift set ms = ms + ${ms}`) };
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
