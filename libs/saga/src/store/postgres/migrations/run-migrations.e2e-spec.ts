import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import {
  sagaEntities,
  SagaInstanceEntity,
  SagaJournalEntity,
  SagaMailboxEntity,
  sagaMigrations,
  SagaNodeEntity,
} from '../../../postgres.js';
import { createTestDatabase, type TestDatabase } from '../../../../../../test/support/test-database.js';
import { aSaga, stored } from '../../conformance/store-under-test.js';
import { createPostgresSagaStore } from '../index.js';
import { runMigrations } from './run-migrations.js';
import { SchemaMigration } from './schema-migration.js';

class AddNote extends SchemaMigration {
  readonly name = 'AddNote1999999999999';

  protected statements(schema: string): readonly string[] {
    return [`alter table ${schema}.saga_node add column note text`];
  }
}

class Broken extends SchemaMigration {
  readonly name = 'Broken1999999999998';

  protected statements(schema: string): readonly string[] {
    return [`create table ${schema}.half_done ()`, 'no SQL at all'];
  }
}

describe('runMigrations', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeEach(async () => {
    Logger.overrideLogger(['error']); // a test database promises nothing, and each store says so
    database = await createTestDatabase();
    dataSource = await new DataSource({
      type: 'postgres',
      url: database.url,
      entities: sagaEntities,
      migrations: sagaMigrations,
    }).initialize();
  });
  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const tables = async (schema: string): Promise<string[]> => {
    const rows: { table_name: string }[] = await dataSource.query(
      'select table_name from information_schema.tables where table_schema = $1 order by 1',
      [schema],
    );
    return rows.map(({ table_name: name }) => name);
  };
  const ALL = ['saga_graph', 'saga_instance', 'saga_journal', 'saga_mailbox', 'saga_migration', 'saga_node'];

  it('R35: nodes that boot side by side run each once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => runMigrations(dataSource, sagaMigrations, { schema: 'saga', mode: 'run' })));
    await expect(tables('saga')).resolves.toEqual(ALL);
  });

  it('R35: runs what a later version added, once, in order, and looks at nothing when off', async () => {
    await runMigrations(dataSource, [], { schema: 'saga', mode: 'off' });
    await expect(tables('saga')).resolves.toEqual([]);
    for (let boot = 0; boot < 2; boot += 1) await runMigrations(dataSource, [AddNote, ...sagaMigrations], { schema: 'saga', mode: 'run' });
    await expect(dataSource.query('select note from saga.saga_node')).resolves.toEqual([]);
    // The version before finds more than it knows, and goes on.
    await runMigrations(dataSource, sagaMigrations, { schema: 'saga', mode: 'check' });
  });

  it('uses any schema, and one database holds several', async () => {
    for (const schema of ['billing', 'My "sagas"']) {
      await runMigrations(dataSource, sagaMigrations, { schema, mode: 'run' });
      await expect(tables(schema)).resolves.toEqual(ALL);
    }
  });

  it('check names what is missing and says how to run it', async () => {
    const check = runMigrations(dataSource, sagaMigrations, { schema: 'saga', mode: 'check' });
    await expect(check).rejects.toMatchObject({
      code: 'SAGA_STORE',
      message: expect.stringMatching(
        /^Schema "saga" lacks these migrations: CreateSagaTables1763856000000, CreateSagaGraph1764201600000, AddMessages1764202200000, AddFamilies1764205800000, AddRetention1764209400000, AddSessionLocks1764213000000\. Set migrations: 'run'.*sagaMigrations from 'nestjs-sagas\/postgres'/,
      ),
    });
    await expect(tables('saga')).resolves.toEqual([]);
  });

  it('one that fails is named, and takes back all of this run', async () => {
    const run = runMigrations(dataSource, [...sagaMigrations, Broken], { schema: 'saga', mode: 'run' });
    await expect(run).rejects.toMatchObject({
      code: 'SAGA_STORE',
      message: expect.stringContaining('Migration Broken1999999999998 failed in schema "saga"'),
    });
    await expect(tables('saga')).resolves.toEqual([]);
  });

  it('a database user without the right to create can check, and can run when nothing is missing', async () => {
    await runMigrations(dataSource, sagaMigrations, { schema: 'saga', mode: 'run' });
    const user = `reader_${Date.now()}`;
    await dataSource.query(`create role ${user} login password 'reader'`);
    await dataSource.query(`grant usage on schema saga to ${user}`);
    await dataSource.query(`grant select on all tables in schema saga to ${user}`);
    const url = new URL(database.url);
    url.username = user;
    url.password = 'reader';
    const restricted = await new DataSource({ type: 'postgres', url: url.href }).initialize();
    for (const mode of ['check', 'run'] as const) await runMigrations(restricted, sagaMigrations, { schema: 'saga', mode });
    await restricted.destroy();
    await dataSource.query(`drop owned by ${user}; drop role ${user}`);
  });

  it('R35: what TypeORM ran from the application’s migrations is done', async () => {
    await dataSource.runMigrations();
    await runMigrations(dataSource, sagaMigrations, { schema: 'saga', mode: 'check' });
    await expect(dataSource.undoLastMigration()).rejects.toThrow('only adds');
  });

  it('entities read what the store wrote, and synchronize leaves the tables alone', async () => {
    const store = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'run' });
    await store.open();
    const saga = aSaga({ instance: { key: 'k', input: { z: 1, a: 2 } } });
    await store.start(saga);
    await store.registerNode('node', 1_000);
    await dataSource.query("insert into saga.saga_mailbox (saga_id, message, payload) values ($1, 'approved', '{}')", [saga.instance.id]);
    await dataSource.synchronize();
    const { row } = await stored(store, saga.instance.id);
    const instance = await dataSource.getRepository(SagaInstanceEntity).findOneByOrFail({ key: 'k' });
    expect(instance).toMatchObject({
      id: row.id,
      name: 'place-order',
      status: 'pending',
      startedAt: new Date(row.startedAt),
      input: { z: 1, a: 2 },
      owner: null,
    });
    await expect(dataSource.getRepository(SagaJournalEntity).find()).resolves.toMatchObject([
      { sagaId: row.id, sequence: 1, entries: [{ kind: 'saga-started' }] },
    ]);
    await expect(dataSource.getRepository(SagaNodeEntity).find()).resolves.toMatchObject([
      { id: 'node', sessionLock: expect.any(Number) as number, lockSeenAt: expect.any(Date) as Date },
    ]);
    await expect(dataSource.getRepository(SagaMailboxEntity).find()).resolves.toMatchObject([{ sagaId: row.id, message: 'approved' }]);
    await store.close();
  });
});
