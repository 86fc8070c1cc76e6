import { randomUUID } from 'node:crypto';

import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../../test/support/test-database.js';
import { anEntry, anOwnedSaga, aNode, aSaga, nextCheckpoint, ORDER, RUNNING, stored } from '../conformance/store-under-test.js';
import type { NewSaga, SagaStore, StartResult } from '../saga-store.js';
import { createPostgresSagaStore } from './index.js';

const CREATED = { kind: 'created' };
const PASSED = { kind: 'passed' };
const FAILURE = { kind: 'rejected', code: 'OUT_OF_STOCK', message: 'no "tea" \\ left', step: 'reserve' } as const;

describe('what many sagas write at once', () => {
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

  const keyed = (key: string, given: Partial<NewSaga> = {}): NewSaga => aSaga({ ...given, instance: { key } });
  const startMany = (prefix: string): Promise<StartResult[]> =>
    Promise.all(Array.from({ length: 20 }, (_none, index) => store.start(keyed(`${prefix}-${index}`))));
  const commits = async (prefix: string): Promise<number> => {
    const [row] = await dataSource.query<{ commits: number }[]>(
      'select count(distinct entry.xmin::text)::int as commits from saga.saga_journal entry join saga.saga_instance saga on saga.id = entry.saga_id where saga.key like $1',
      [`${prefix}-%`],
    );
    return row?.commits ?? 0;
  };

  it('is durable with few commits', async () => {
    const owner = await aNode(store);
    const sagas = Array.from({ length: 100 }, (_none, index) => keyed(`burst-${index}`, { owner, progress: RUNNING }));
    const started = await Promise.all(sagas.map((saga) => store.start(saga)));
    expect(started).toEqual(sagas.map(() => CREATED));
    const known = await Promise.all(sagas.map(({ instance }) => stored(store, instance.id)));
    const written = await Promise.all(known.map((saga) => store.checkpoint(nextCheckpoint(saga))));
    expect(written).toEqual(sagas.map(() => PASSED));
    // A hundred starts in halves, and a hundred checkpoints.
    expect(await commits('burst')).toBe(4);
  });

  it('few go together, and those that were told are back in the next group', async () => {
    const owner = await aNode(store);
    const twoCheckpoints = async (index: number): Promise<void> => {
      const saga = keyed(`few-${index}`, { owner, progress: RUNNING });
      expect(await store.start(saga)).toEqual(CREATED);
      const born = { sagaId: saga.instance.id, ownership: { owner, epoch: 1, revision: 0 }, progress: RUNNING, release: false };
      for (const sequence of [2, 3]) expect(await store.checkpoint({ ...born, entries: [anEntry(sequence)] })).toEqual(PASSED);
    };
    await Promise.all(Array.from({ length: 64 }, (_none, index) => twoCheckpoints(index)));
    expect(await commits('few')).toBe(3);
  });

  it('one key, started twice at once with two inputs, is one saga, and both callers learn which', async () => {
    const [first, second] = [keyed('twice', { inputHash: 'input-1' }), keyed('twice', { inputHash: 'input-2' })];
    await expect(Promise.all([store.start(aSaga()), store.start(first), store.start(second)])).resolves.toEqual([
      CREATED,
      CREATED,
      { kind: 'found', id: first.instance.id, inputHash: 'input-1' },
    ]);
  });

  it('R32: a key that a foreign transaction is about to take delays nobody else', async () => {
    let waiting: Promise<StartResult> = Promise.resolve({ kind: 'created' });
    const foreign = keyed('held');
    await dataSource.transaction(async (manager) => {
      await store.start(foreign, manager);
      const others = startMany('beside-a-key');
      waiting = store.start(keyed('held'));
      await expect(others).resolves.toEqual(Array.from({ length: 20 }, () => CREATED));
      await expect(startMany('after-a-key')).resolves.toHaveLength(20);
    });
    await expect(waiting).resolves.toEqual({ kind: 'found', id: foreign.instance.id, inputHash: 'input-1' });
  });

  it('R32: a row that a foreign transaction holds delays nobody else', async () => {
    const saga = await anOwnedSaga(store);
    let waiting: Promise<unknown> = Promise.resolve();
    await dataSource.transaction(async (manager) => {
      await manager.query('select from saga.saga_instance where id = $1 for update', [saga.row.id]);
      const others = startMany('beside-a-row');
      waiting = store.checkpoint(nextCheckpoint(saga));
      await expect(others).resolves.toEqual(Array.from({ length: 20 }, () => CREATED));
    });
    await expect(waiting).resolves.toEqual(PASSED);
  });

  it('R32: what the database refuses is refused alone', async () => {
    const others = startMany('beside-a-refusal');
    const refused = store.start(keyed('zero \0 byte'));
    const more = startMany('beside-the-same-refusal');
    await expect(refused).rejects.toMatchObject({ code: 'SAGA_STORE', message: expect.stringContaining('22021') });
    for (const results of [await others, await more]) expect(results).toEqual(Array.from({ length: 20 }, () => CREATED));
  });

  it.each([
    ['write their rows', {}],
    ['leave their rows as they are', { stays: true }],
  ])('R18: of checkpoints that %s, what does not hold its saga any more is refused alone, and the others pass', async (_how, how) => {
    const [mine, lost, changed] = [await anOwnedSaga(store), await anOwnedSaga(store), await anOwnedSaga(store)];
    await store.removeNode(lost.row.owner ?? '');
    await store.claim(await aNode(store), 10, [ORDER]);
    await store.change(changed.row.id, () => ({ entries: [], paused: true, wakeAt: null }));
    const written = [mine, lost, changed].map((saga) => store.checkpoint(nextCheckpoint(saga, how)));
    await expect(Promise.all(written)).resolves.toEqual([
      PASSED,
      { kind: 'lost' },
      { kind: 'changed', revision: 1, paused: true, since: [] },
    ]);
    for (const { row } of [lost, changed]) expect((await stored(store, row.id)).journal).toHaveLength(1);
  });

  it('R3: starts, and checkpoints that write or leave their rows, with entries of several moments and with messages, go together', async () => {
    const owner = await aNode(store);
    const sagas = Array.from({ length: 30 }, (_none, index) => keyed(`mixed-${index}`, { owner, progress: RUNNING }));
    await Promise.all(sagas.map((saga) => store.start(saga)));
    const known = await Promise.all(sagas.map(({ instance }) => stored(store, instance.id)));
    const entries = [anEntry(2), anEntry(3)];
    const message = { to: { sagaId: randomUUID() }, channel: 'signal', name: 'paid', payload: { cents: 1 } } as const;
    const moved = { status: 'compensating', failure: FAILURE, pivotBegun: true, wakeAt: 1_700_000_000_500, endedAt: null } as const;
    const written = known.map((saga, index) =>
      store.checkpoint(nextCheckpoint(saga, [{ stays: true, entries }, { entries, progress: moved }, { mail: [message] }][index % 3])),
    );
    await Promise.all([...written, startMany('mixed-too')]);
    for (const [index, saga] of known.entries()) {
      const { row, journal } = await stored(store, saga.row.id);
      expect(row).toEqual({ ...saga.row, ...(index % 3 === 1 && moved) });
      expect(journal.slice(1)).toEqual(index % 3 === 2 ? [anEntry(2)] : entries);
    }
    const posted = await dataSource.query('select message, payload from saga.saga_mailbox where saga_id = $1', [message.to.sagaId]);
    expect(posted).toEqual(Array.from({ length: 10 }, () => ({ message: 'paid', payload: { cents: 1 } })));
    expect(await commits('mixed')).toBe(2);
  });
});
