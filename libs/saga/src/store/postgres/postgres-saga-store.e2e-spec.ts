import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { describeBehindPgBouncer } from '../../../../../test/support/pgbouncer.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/test-database.js';
import type { StoreUnderTest } from '../conformance/store-under-test.js';
import { describeSagaStore } from '../saga-store.conformance.js';
import { createPostgresSagaStore } from './index.js';

let database: TestDatabase;
let schemas = 0;

beforeAll(async () => {
  Logger.overrideLogger(['error']); // a test database promises nothing, and each store says so
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Each store has a schema of its own. */
async function makeStore({ url, pooled }: { readonly url: string; readonly pooled: boolean }): Promise<StoreUnderTest> {
  schemas += 1;
  const schema = `Sagas ${schemas}`;
  const opened: (() => Promise<void>)[] = [];
  const open = async () => {
    const dataSource = await new DataSource({ type: 'postgres', url, poolSize: 4 }).initialize();
    const store = createPostgresSagaStore({ dataSource, schema, migrations: 'run', pooled });
    opened.push(
      () => store.close(),
      () => dataSource.destroy(),
    );
    await store.open();
    return { store, dataSource };
  };
  const { store, dataSource } = await open();
  return {
    store,
    isHeardHereOnly: pooled,
    another: async () => (await open()).store,
    // The database's clock cannot be moved; what it is compared with can.
    async pass(ms) {
      await dataSource.query(`update "${schema}".saga_node set lease_until = lease_until - $1 * interval '1 millisecond'`, [ms]);
      await dataSource.query(`update "${schema}".saga_mailbox set received_at = received_at - $1 * interval '1 millisecond'`, [ms]);
      await dataSource.query(
        `update "${schema}".saga_instance set wake_at = wake_at - $1 * interval '1 millisecond', ended_at = ended_at - $1 * interval '1 millisecond'`,
        [ms],
      );
    },
    transact: (run) => dataSource.transaction(run),
    async close() {
      for (const close of opened) await close();
    },
  };
}

describeSagaStore('PostgresSagaStore', () => makeStore({ url: database.url, pooled: false }));

describeBehindPgBouncer('behind PgBouncer', (pooler) => {
  describeSagaStore('PostgresSagaStore', () => makeStore({ url: pooler().through(database.url), pooled: true }));
});
