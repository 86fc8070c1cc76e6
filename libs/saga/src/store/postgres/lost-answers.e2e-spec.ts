import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { type CuttingProxy, startCuttingProxy } from '../../../../../test/support/cutting-proxy.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/test-database.js';
import { aNode, anEntry, anOwnedSaga, aSaga, nextCheckpoint, requested, RUNNING, stored } from '../conformance/store-under-test.js';
import type { SagaStore } from '../saga-store.js';
import { createPostgresSagaStore } from './index.js';

const HOWS = [['unsent'], ['unanswered']] as const;

describe('R3: when an answer is lost', () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  let dataSource: DataSource;
  let store: SagaStore;

  beforeAll(async () => {
    Logger.overrideLogger(['error']); // a test database promises nothing, and each store says so
    database = await createTestDatabase();
    proxy = await startCuttingProxy(database.url);
    dataSource = await new DataSource({ type: 'postgres', url: proxy.url, poolErrorHandler: () => undefined }).initialize();
    store = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'run' });
    await store.open();
    await dataSource.query('create table effect (id text primary key)');
  });
  afterEach(() => proxy.restore());
  afterAll(async () => {
    await store.close();
    await dataSource.destroy();
    await proxy.close();
    await database.drop();
  });

  const effects = async (id: string): Promise<number> =>
    (await dataSource.query<unknown[]>('select from effect where id = $1', [id])).length;

  it.each(HOWS)('a start whose request was %s is there once, and is new', async (how) => {
    const saga = aSaga({ instance: { key: `lost-${how}` } });
    const cut = proxy.cutNext({ request: '"saga".saga_instance', how });
    await expect(store.start(saga)).resolves.toEqual({ kind: 'created' });
    await cut;
    expect((await stored(store, saga.instance.id)).journal).toEqual(saga.entries);
  });

  it.each(HOWS)('a checkpoint whose request was %s is in the journal once', async (how) => {
    const saga = await anOwnedSaga(store);
    const checkpoint = nextCheckpoint(saga, { entries: [anEntry(2), anEntry(3)] });
    const cut = proxy.cutNext({ request: 'insert into "saga".saga_journal', how });
    await expect(store.checkpoint(checkpoint)).resolves.toEqual({ kind: 'passed' });
    await cut;
    expect((await stored(store, saga.row.id)).journal).toEqual([...saga.journal, ...checkpoint.entries]);
  });

  it.each(HOWS)('a checkpoint that gives the saga back, %s, has passed and is not called lost', async (how) => {
    const saga = await anOwnedSaga(store);
    const cut = proxy.cutNext({ request: 'insert into "saga".saga_journal', how });
    await expect(store.checkpoint(nextCheckpoint(saga, { release: true, progress: { ...RUNNING, wakeAt: 1 } }))).resolves.toEqual({
      kind: 'passed',
    });
    await cut;
    expect(await store.find(saga.row.id)).toMatchObject({ owner: null, wakeAt: 1 });
  });

  it.each(HOWS)('groups of which one follows the other, %s, are in the journal once each', async (how) => {
    const owner = await aNode(store);
    const born = Array.from({ length: 130 }, () => aSaga({ owner, progress: RUNNING }));
    await Promise.all(born.map((saga) => store.start(saga)));
    const sagas = await Promise.all(born.map(({ instance }) => stored(store, instance.id)));
    const cut = proxy.cutNext({ request: 'write saga_journal: checkpoints', how });
    const written = await Promise.all(sagas.map((saga) => store.checkpoint(nextCheckpoint(saga))));
    await cut;
    expect(written).toEqual(sagas.map(() => ({ kind: 'passed' })));
    for (const { row } of sagas) expect((await stored(store, row.id)).journal).toHaveLength(2);
  });

  it('entries of another write at the same place are not taken for it', async () => {
    const saga = await anOwnedSaga(store);
    await store.checkpoint(nextCheckpoint(saga, { entries: [anEntry(2, { kind: 'alert-raised', message: 'the first writer' })] }));
    const cut = proxy.cutNext({ request: 'insert into "saga".saga_journal', how: 'unanswered' });
    await expect(store.checkpoint(nextCheckpoint(saga))).rejects.toMatchObject({
      code: 'SAGA_STORE',
      message: expect.stringContaining('23505'),
    });
    await cut;
  });

  it.each([
    ['unsent', 'insert into "saga".saga_journal'],
    ['unanswered', 'insert into "saga".saga_journal'],
    ['unsent', 'COMMIT'],
    ['unanswered', 'COMMIT'],
  ] as const)('a change, %s at %s, is made once', async (how, request) => {
    const saga = await anOwnedSaga(store);
    const cut = proxy.cutNext({ request, how });
    // It would be made again and again: nothing in it says that it was made.
    const change = store.change(saga.row.id, ({ journal }) => ({ entries: [requested(journal.length + 1)], wakeAt: null }));
    await expect(change).resolves.toBe(true);
    await cut;
    const { row, journal } = await stored(store, saga.row.id);
    expect([row.revision, journal.length]).toEqual([1, 2]);
  });

  it('a transaction whose commit was carried out is told so', async () => {
    const saga = await anOwnedSaga(store);
    const cut = proxy.cutNext({ request: 'COMMIT', how: 'unanswered' });
    const result = await store.transaction(async (manager) => {
      await manager.query('insert into effect values ($1)', ['carried-out']);
      return store.checkpoint(nextCheckpoint(saga), manager);
    });
    await cut;
    expect(result).toEqual({ kind: 'passed' });
    await expect(effects('carried-out')).resolves.toBe(1);
  });

  it('a transaction whose commit never arrived is told that nothing was written', async () => {
    const saga = await anOwnedSaga(store);
    const cut = proxy.cutNext({ request: 'COMMIT', how: 'unsent' });
    const lost = store.transaction(async (manager) => {
      await manager.query('insert into effect values ($1)', ['never-arrived']);
      return store.checkpoint(nextCheckpoint(saga), manager);
    });
    await expect(lost).rejects.toMatchObject({
      code: 'SAGA_STORE',
      message: expect.stringContaining('nothing of the transaction was written'),
    });
    await cut;
    await expect(effects('never-arrived')).resolves.toBe(0);
    expect(await stored(store, saga.row.id)).toEqual(saga);
  });

  it.each(HOWS)('a transaction whose commit was %s, and nobody can be asked, is neither called durable nor undone', async (how) => {
    const saga = await anOwnedSaga(store);
    const cut = proxy.cutNext({ request: 'COMMIT', how, forGood: true });
    const lost = store.transaction((manager) => store.checkpoint(nextCheckpoint(saga), manager));
    await expect(lost).rejects.toMatchObject({ code: 'SAGA_COMMIT_UNKNOWN' });
    await cut;
    proxy.restore();
    expect((await stored(store, saga.row.id)).journal).toHaveLength(how === 'unanswered' ? 2 : 1);
  });

  it('a database that stays silent is an error that says so, and the store works when it is back', async () => {
    const saga = await anOwnedSaga(store);
    const cut = proxy.cutNext({ request: 'insert into "saga".saga_journal', how: 'unsent', forGood: true });
    const silent = store.checkpoint(nextCheckpoint(saga));
    await expect(silent).rejects.toMatchObject({ code: 'SAGA_STORE', message: expect.stringContaining('PostgreSQL did not answer') });
    await cut;
    proxy.restore();
    await expect(store.checkpoint(nextCheckpoint(saga))).resolves.toEqual({ kind: 'passed' });
  });
});
