import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../../test/support/test-database.js';
import { anOwnedSaga, aSaga, nextCheckpoint, stored } from '../conformance/store-under-test.js';
import type { SagaStore } from '../saga-store.js';
import { createPostgresSagaStore } from './index.js';

describe('in the caller’s transaction', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let store: SagaStore;

  beforeAll(async () => {
    Logger.overrideLogger(['error']); // a test database promises nothing, and each store says so
    database = await createTestDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    store = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'run' });
    await store.open();
  });
  afterAll(async () => {
    await store.close();
    await dataSource.destroy();
    await database.drop();
  });

  it('R6: a manager without an open transaction is an error that says what to pass', async () => {
    await expect(store.start(aSaga(), dataSource.manager)).rejects.toThrow(
      'The given manager has no open transaction. Pass the one that dataSource.transaction(',
    );
  });

  it('R6: a manager of another data source is an error that says how to name that one', async () => {
    const other = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    const start = other.transaction((manager) => store.start(aSaga(), manager));
    await expect(start).rejects.toThrow('The given manager belongs to another data source than the sagas.');
    await other.destroy();
  });

  it('R6: a savepoint that is rolled back takes its saga with it', async () => {
    const [kept, dropped] = [aSaga(), aSaga()];
    await dataSource.transaction(async (manager) => {
      await store.start(kept, manager);
      const inner = manager.transaction(async (nested) => {
        await store.start(dropped, nested);
        throw new Error('taken back');
      });
      await expect(inner).rejects.toThrow('taken back');
    });
    await expect(store.find(kept.instance.id)).resolves.toBeDefined();
    await expect(store.find(dropped.instance.id)).resolves.toBeUndefined();
  });

  it('wakes after the outermost commit, and after no savepoint', async () => {
    const saga = aSaga();
    let committed = false;
    const woken = new Promise<boolean>((resolve) => void store.onWake((id) => id === saga.instance.id && resolve(committed)));
    await dataSource.transaction(async (manager) => {
      await manager.transaction((nested) => store.start(saga, nested));
      await manager.transaction((nested) => nested.query('select 1'));
      committed = true;
    });
    await expect(woken).resolves.toBe(true);
  });

  it('R18: a transaction that a step leaves open inside its own is rolled back, and said so', async () => {
    const saga = await anOwnedSaga(store);
    const step = store.transaction(async (manager) => {
      await manager.queryRunner?.startTransaction();
      return store.checkpoint(nextCheckpoint(saga), manager);
    });
    await expect(step).rejects.toThrow('A transactional step began a transaction inside its own and did not end it.');
    expect(await stored(store, saga.row.id)).toEqual(saga);
    await expect(store.transaction((manager) => store.checkpoint(nextCheckpoint(saga), manager))).resolves.toEqual({ kind: 'passed' });
  });

  it('R3: what refuses the commit is thrown, and nothing is written', async () => {
    await dataSource.query('create table parent (id int primary key)');
    await dataSource.query('create table child (parent int references parent deferrable initially deferred)');
    const saga = await anOwnedSaga(store);
    const step = store.transaction(async (manager) => {
      await manager.query('insert into child values (1)');
      return store.checkpoint(nextCheckpoint(saga), manager);
    });
    await expect(step).rejects.toMatchObject({ code: 'SAGA_STORE', sqlState: '23503' });
    expect(await stored(store, saga.row.id)).toEqual(saga);
  });

  it('R3: a subscriber that throws after the commit does not make the commit undone', async () => {
    Logger.overrideLogger(false); // the throw below is reported
    const subscriber = {
      afterTransactionCommit: () => {
        throw new Error('thrown by a subscriber');
      },
    };
    dataSource.subscribers.push(subscriber);
    const saga = await anOwnedSaga(store);
    await expect(store.transaction((manager) => store.checkpoint(nextCheckpoint(saga), manager))).resolves.toEqual({ kind: 'passed' });
    dataSource.subscribers.splice(dataSource.subscribers.indexOf(subscriber), 1);
    Logger.overrideLogger(['error']);
    expect((await stored(store, saga.row.id)).journal).toHaveLength(2);
  });

  it('R3: a statement that failed inside cannot be followed by a checkpoint', async () => {
    const saga = await anOwnedSaga(store);
    const step = store.transaction(async (manager) => {
      await manager.query('select from no_such_table').catch(() => undefined);
      return store.checkpoint(nextCheckpoint(saga), manager);
    });
    await expect(step).rejects.toMatchObject({ code: 'SAGA_STORE', sqlState: '25P02' });
    expect(await stored(store, saga.row.id)).toEqual(saga);
  });

  it('wakes across processes again after the listening connection broke', async () => {
    const other = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'check' });
    await other.open();
    await dataSource.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %' and datname = current_database()",
    );
    const saga = await anOwnedSaga(store);
    const heard = new Set<string>();
    other.onWake((id) => heard.add(id));
    // Each change wakes; those before it listens again are lost.
    while (!heard.has(saga.row.id)) await store.change(saga.row.id, () => ({ entries: [], wakeAt: null }));
    await other.close();
  });
});
