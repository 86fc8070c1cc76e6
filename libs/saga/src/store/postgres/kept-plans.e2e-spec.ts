import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../../test/support/test-database.js';
import { aSaga } from '../conformance/store-under-test.js';
import { createPostgresSagaStore } from './index.js';
import { createOwnDataSource } from './own-data-source.js';
import { insertLoneSaga } from './sql/insert-saga.js';
import { type GroupParts, writeGroup } from './sql/write-group.js';
import { writeLoneEntry, writeLoneMove } from './sql/write-lone.js';

describe('plans that the server keeps of prepared statements', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let own: DataSource;

  beforeAll(async () => {
    Logger.overrideLogger(['error']); // a test database promises nothing, and each store says so
    database = await createTestDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    const store = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'run' });
    await store.open();
    for (let count = 0; count < 10; count += 1) await store.start(aSaga());
    await store.close();
    await dataSource.query('vacuum (analyze) saga.saga_instance');
    own = await createOwnDataSource(dataSource, { poolSize: 1, pooled: false }).initialize();
  });
  afterAll(async () => {
    await own.destroy();
    await dataSource.destroy();
    await database.drop();
  });

  const planOf = async (connection: DataSource, statement: string): Promise<string> => {
    const rows = await connection.query<{ 'QUERY PLAN': string }[]>(`explain (generic_plan) ${statement}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };

  it.each<GroupParts>([
    { starts: true, entries: true, moves: true, mail: true },
    { starts: false, entries: false, moves: true, mail: false },
    { starts: false, entries: true, moves: false, mail: false },
    { starts: true, entries: false, moves: false, mail: false },
  ])('made for a table of a few rows, they do not read it whole: it may be large before they are made anew (%j)', async (parts) => {
    await expect(planOf(own, writeGroup('"saga"', parts))).resolves.not.toContain('Seq Scan');
  });

  it.each([insertLoneSaga, writeLoneEntry, writeLoneMove])('nor does the one for a write alone (%p)', async (statement) => {
    await expect(planOf(own, statement('"saga"'))).resolves.not.toContain('Seq Scan');
  });

  it('on other connections they would', async () => {
    await expect(planOf(dataSource, writeGroup('"saga"', { starts: false, entries: true, moves: false, mail: false }))).resolves.toContain(
      'Seq Scan on saga_instance',
    );
  });
});
