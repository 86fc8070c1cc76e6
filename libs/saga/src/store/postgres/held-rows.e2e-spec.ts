import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../../test/support/test-database.js';
import { aNode, anEntry, anOwnedSaga, aSaga, idsOf, nextCheckpoint, ORDER, RUNNING, stored } from '../conformance/store-under-test.js';
import type { SagaStore } from '../saga-store.js';
import { createPostgresSagaStore } from './index.js';
import { LOCK_TIMEOUT_MS } from './own-data-source.js';

const POOL_SIZE = 4;

describe.each([
  ['on sessions of its own', false],
  ['behind a pooler', true],
])('%s', (_where, pooled) => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let store: SagaStore;

  beforeAll(async () => {
    Logger.overrideLogger(['error']); // a test database promises nothing, and each store says so
    database = await createTestDatabase();
    dataSource = await new DataSource({
      type: 'postgres',
      url: database.url,
      poolSize: POOL_SIZE,
      isolationLevel: 'SERIALIZABLE',
    }).initialize();
    store = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'run', pooled });
    await store.open();
  });
  afterAll(async () => {
    await store.close();
    await dataSource.destroy();
    await database.drop();
  });

  it('R32: rows that somebody holds stop no other saga, and are written when they are free', async () => {
    const owner = await aNode(store);
    const held = await Promise.all(Array.from({ length: 10 }, () => anOwnedSaga(store, { owner })));
    const [changed, written] = [held.slice(0, 5), held.slice(5)];
    const free = await anOwnedSaga(store, { owner });
    let settled = 0;
    let waiting: Promise<unknown>[] = [];
    await dataSource.transaction('READ COMMITTED', async (manager) => {
      await manager.query('select from saga.saga_instance where id = any($1::uuid[]) for update', [idsOf(held)]);
      const changes = (id: string): Promise<unknown>[] =>
        Array.from({ length: 5 }, () => store.change(id, ({ journal }) => ({ entries: [anEntry(journal.length + 1)], wakeAt: null })));
      waiting = [...changed.flatMap(({ row }) => changes(row.id)), ...written.map((saga) => store.checkpoint(nextCheckpoint(saga)))];
      for (const write of waiting) void write.then(() => (settled += 1));
      await expect(store.checkpoint(nextCheckpoint(free))).resolves.toEqual({ kind: 'passed' });
      await expect(store.heartbeat(owner, 10_000)).resolves.toMatchObject({ alive: true });
      await expect(store.start(aSaga())).resolves.toEqual({ kind: 'created' });
      await expect(store.claim(owner, 1, [ORDER])).resolves.toHaveLength(1);
      expect(settled).toBe(0);
    });
    await Promise.all(waiting);
    for (const { row } of changed) expect((await stored(store, row.id)).journal).toHaveLength(6);
    for (const { row } of written) expect((await stored(store, row.id)).journal).toHaveLength(2);
  }, 30_000);

  it('R32: a saga that somebody holds is passed over by a claim', async () => {
    const [held, free] = [aSaga(), aSaga()];
    for (const saga of [held, free]) await store.start(saga);
    const node = await aNode(store);
    await dataSource.transaction('READ COMMITTED', async (manager) => {
      await manager.query('select from saga.saga_instance where id = $1 for update', [held.instance.id]);
      expect(idsOf(await store.claim(node, 10, [ORDER]))).toEqual([free.instance.id]);
    });
    expect(idsOf(await store.claim(node, 10, [ORDER]))).toEqual([held.instance.id]);
  });

  it('R6, R32: what somebody holds of an ended family, or of its mail, is passed over by a sweep, and waited for by none', async () => {
    const endedAt = (await store.now()) - 1_000;
    const ended = { ...RUNNING, status: 'completed', endedAt } as const;
    const [root, free] = [aSaga({ progress: ended }), aSaga({ progress: ended })];
    const child = aSaga({ progress: ended, instance: { parent: { sagaId: root.instance.id, step: 'ship' } } });
    for (const saga of [root, free, child]) await store.start(saga);
    for (const { instance } of [root, free]) await store.mail.post({ to: { sagaId: instance.id }, channel: 'signal', name: 'go' });
    const keeping = { retentionMs: 0, keyRetentionMs: null };
    await dataSource.transaction('READ COMMITTED', async (manager) => {
      await manager.query('select from saga.saga_instance where id = $1 for no key update', [child.instance.id]);
      await manager.query('select from saga.saga_mailbox where saga_id = $1 for update', [free.instance.id]);
      const began = performance.now();
      expect(await store.retention.sweep(keeping, 100)).toEqual({ swept: 1 });
      expect(performance.now() - began).toBeLessThan(LOCK_TIMEOUT_MS);
      expect(await store.find(free.instance.id)).toBeUndefined();
    });
    expect(await store.mail.has(free.instance)).toBe(true);
    expect(await store.mail.has(root.instance)).toBe(true);
    expect(await store.retention.sweep(keeping, 100)).toEqual({ swept: 2 });
    expect(await store.mail.has(root.instance)).toBe(false);
  });

  it('R22: a row that is held while its node goes is freed all the same', async () => {
    const saga = await anOwnedSaga(store);
    let removed: Promise<void> = Promise.resolve();
    await dataSource.transaction('READ COMMITTED', async (manager) => {
      await manager.query('select from saga.saga_instance where id = $1 for update', [saga.row.id]);
      removed = store.removeNode(saga.row.owner ?? '');
      await store.now();
    });
    await removed;
    await expect(store.find(saga.row.id)).resolves.toMatchObject({ owner: null });
  });

  it('R34: an application that uses up its pool does not stop the store', async () => {
    const runners = Array.from({ length: POOL_SIZE }, () => dataSource.createQueryRunner());
    for (const runner of runners) await runner.connect();
    const saga = await anOwnedSaga(store);
    await expect(store.checkpoint(nextCheckpoint(saga))).resolves.toEqual({ kind: 'passed' });
    for (const runner of runners) await runner.release();
  });

  it('R34: transactional steps use half of the application’s pool', async () => {
    let open = 0;
    let most = 0;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    let tellFull: () => void = () => undefined;
    const full = new Promise<void>((resolve) => (tellFull = resolve));
    const steps = Array.from({ length: 3 * POOL_SIZE }, () =>
      store.transaction(async (manager) => {
        most = Math.max(most, (open += 1));
        if (open === POOL_SIZE / 2) tellFull();
        await manager.query('select 1');
        await finished;
        open -= 1;
      }),
    );
    await full;
    await Promise.all(Array.from({ length: POOL_SIZE / 2 }, () => dataSource.query('select 1')));
    finish();
    await Promise.all(steps);
    expect(most).toBe(POOL_SIZE / 2);
  });
});
