import { TypeOrmModule } from '@nestjs/typeorm';
import { Client } from 'pg';

import type { PgBouncer } from './pgbouncer.js';
import type { StoryStore } from './saga-app.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/**
 * One database a test file, one schema a test. Call it in the body of `describe`.
 *
 * @param pooler applications reach the database through it, and know that
 * @param poolSize connections of each application's own
 */
export function onPostgres({ pooler, poolSize }: { readonly pooler?: () => PgBouncer; readonly poolSize?: number } = {}): StoryStore {
  let database: TestDatabase;
  let schemas = 0;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });
  return {
    name: 'postgres',
    open: async () => {
      schemas += 1;
      const schema = `story_${schemas}`;
      const url = pooler?.().through(database.url) ?? database.url;
      const dataSource = { type: 'postgres', url, autoLoadEntities: true, retryAttempts: 0, poolSize } as const;
      return {
        imports: () => [TypeOrmModule.forRoot(dataSource)],
        options: { schema, pooled: pooler !== undefined },
        pass: async (ms) => pass(database.url, schema, ms),
        leave: async () => undefined,
      };
    },
  };
}

/** The database's clock cannot be moved; what it is compared with can. */
async function pass(url: string, schema: string, ms: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`update ${schema}.saga_node set lease_until = lease_until - ${ms} * interval '1 millisecond'`);
    await client.query(
      `update ${schema}.saga_instance set wake_at = wake_at - ${ms} * interval '1 millisecond', ended_at = ended_at - ${ms} * interval '1 millisecond'`,
    );
  } finally {
    await client.end();
  }
}
