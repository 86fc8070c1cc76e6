import {
  anEntry,
  aNode,
  anOwnedSaga,
  aSaga,
  listenerTo,
  type MakeStore,
  nextCheckpoint,
  requested,
  RUNNING,
  stored,
  type StoreUnderTest,
} from './store-under-test.js';

const FAILURE = { kind: 'rejected', code: 'OUT_OF_STOCK', message: 'no tea', step: 'reserve' } as const;

export function describeCheckpoints(makeStore: MakeStore): void {
  describe('checkpoint', () => {
    let under: StoreUnderTest;
    beforeAll(async () => void (under = await makeStore()));
    afterAll(() => under.close());

    it('R3: writes the entries and what follows from them together', async () => {
      const saga = await anOwnedSaga(under.store);
      const entries = [anEntry(2), anEntry(3), anEntry(4)];
      const progress = {
        status: 'stuck',
        failure: FAILURE,
        pivotBegun: true,
        wakeAt: 1_700_000_000_500,
        endedAt: 1_700_000_000_600,
      } as const;
      await expect(under.store.checkpoint(nextCheckpoint(saga, { entries, progress }))).resolves.toEqual({ kind: 'passed' });
      const after = await stored(under.store, saga.row.id);
      expect(after.row).toEqual({ ...saga.row, ...progress });
      expect(after.journal).toEqual([...saga.journal, ...entries]);
    });

    it('gives the saga back: nobody owns it, and its epoch stays', async () => {
      const saga = await anOwnedSaga(under.store);
      await under.store.checkpoint(nextCheckpoint(saga, { release: true, progress: { ...RUNNING, wakeAt: 5_000 } }));
      expect(await under.store.find(saga.row.id)).toMatchObject({ owner: null, epoch: saga.row.epoch, wakeAt: 5_000 });
    });

    it('can give a saga back without an entry', async () => {
      const saga = await anOwnedSaga(under.store);
      await expect(under.store.checkpoint(nextCheckpoint(saga, { entries: [], release: true }))).resolves.toEqual({ kind: 'passed' });
      expect(await stored(under.store, saga.row.id)).toMatchObject({ row: { owner: null }, journal: saga.journal });
    });

    it('wakes somebody when what it gives back is due', async () => {
      const saga = await anOwnedSaga(under.store);
      const another = await listenerTo(under);
      const woken = new Promise<string>((resolve) => void another.onWake((id) => id === saga.row.id && resolve(id)));
      await under.store.checkpoint(nextCheckpoint(saga, { release: true, progress: { ...RUNNING, wakeAt: 5_000 } }));
      await expect(woken).resolves.toBe(saga.row.id);
    });

    it('R3: one that leaves the row as it is writes its entries', async () => {
      const saga = await anOwnedSaga(under.store, { progress: RUNNING });
      await expect(under.store.checkpoint(nextCheckpoint(saga, { stays: true }))).resolves.toEqual({ kind: 'passed' });
      const { row, journal } = await stored(under.store, saga.row.id);
      expect(row).toEqual(saga.row);
      expect(journal).toEqual([...saga.journal, anEntry(2)]);
    });

    describe.each([
      ['that writes the row', {}],
      ['that leaves the row as it is', { stays: true }],
    ])('one %s', (_how, how) => {
      it.each([
        ['owner', { owner: 'node-of-somebody-else' }],
        ['epoch', { epoch: 7 }],
      ])('R18: with another %s it is lost, and changes nothing', async (_what, other) => {
        const saga = await anOwnedSaga(under.store);
        const late = nextCheckpoint(saga, how);
        await expect(under.store.checkpoint({ ...late, ownership: { ...late.ownership, ...other } })).resolves.toEqual({ kind: 'lost' });
        expect(await stored(under.store, saga.row.id)).toEqual(saga);
      });

      it('R18: of a saga that is not there, or nobody’s, it is lost', async () => {
        const saga = await anOwnedSaga(under.store);
        await expect(under.store.checkpoint({ ...nextCheckpoint(saga, how), sagaId: aSaga().instance.id })).resolves.toEqual({
          kind: 'lost',
        });
        await under.store.checkpoint(nextCheckpoint(saga, { release: true }));
        const late = nextCheckpoint(saga, { ...how, entries: [anEntry(3)] });
        await expect(under.store.checkpoint(late)).resolves.toEqual({ kind: 'lost' });
        expect((await stored(under.store, saga.row.id)).journal).toHaveLength(2);
      });

      it('R18: after a change from outside it writes nothing and gives the entries since', async () => {
        const saga = await anOwnedSaga(under.store);
        const late = nextCheckpoint(saga, how);
        await under.store.change(saga.row.id, ({ journal }) => ({ entries: [requested(journal.length + 1)], paused: true, wakeAt: null }));
        const result = await under.store.checkpoint(late);
        expect(result).toEqual({ kind: 'changed', revision: 1, paused: true, since: [requested(2)] });
        expect((await stored(under.store, saga.row.id)).journal).toHaveLength(2);
        const decidedAgain = nextCheckpoint(saga, { ...how, ownership: { ...late.ownership, revision: 1 }, entries: [anEntry(3)] });
        await expect(under.store.checkpoint(decidedAgain)).resolves.toEqual({ kind: 'passed' });
      });

      it('R18: a change without entries is noticed too', async () => {
        const saga = await anOwnedSaga(under.store);
        await under.store.change(saga.row.id, () => ({ entries: [], paused: true, wakeAt: null }));
        await expect(under.store.checkpoint(nextCheckpoint(saga, how))).resolves.toEqual({
          kind: 'changed',
          revision: 1,
          paused: true,
          since: [],
        });
      });
    });

    it('R18: two with one fence: the second is refused, and the journal keeps the first alone', async () => {
      const saga = await anOwnedSaga(under.store);
      const first = nextCheckpoint(saga, { entries: [anEntry(2, { kind: 'alert-raised', message: 'first' })] });
      const second = nextCheckpoint(saga, { entries: [anEntry(2, { kind: 'alert-raised', message: 'second' })] });
      const results = await Promise.allSettled([under.store.checkpoint(first), under.store.checkpoint(second)]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect(results[1]).toMatchObject({ reason: { code: 'SAGA_STORE' } });
      expect((await stored(under.store, saga.row.id)).journal[1]).toMatchObject({ message: 'first' });
    });

    it('R3: refused by the database in one entry, it leaves none', async () => {
      const saga = await anOwnedSaga(under.store);
      await expect(under.store.checkpoint(nextCheckpoint(saga, { entries: [anEntry(2), anEntry(2)] }))).rejects.toMatchObject({
        code: 'SAGA_STORE',
      });
      expect(await stored(under.store, saga.row.id)).toEqual(saga);
    });

    it('R30: a change and a completion at the same time: one is first, and the other sees it', async () => {
      const another = await under.another();
      for (let round = 0; round < 10; round += 1) {
        const saga = await anOwnedSaga(under.store);
        const completion = nextCheckpoint(saga, {
          entries: [anEntry(2, { kind: 'saga-completed' })],
          release: true,
          progress: { ...RUNNING, status: 'completed', endedAt: 1 },
        });
        const cancel = another.change(saga.row.id, ({ row, journal }) =>
          row.endedAt === null ? { entries: [requested(journal.length + 1)], wakeAt: 1 } : null,
        );
        const [written, cancelled] = await Promise.all([under.store.checkpoint(completion), cancel]);
        expect([written.kind, cancelled]).toEqual(cancelled ? ['changed', true] : ['passed', false]);
        expect((await stored(under.store, saga.row.id)).journal).toHaveLength(2);
      }
    });
  });

  describe('transaction', () => {
    let under: StoreUnderTest;
    beforeAll(async () => void (under = await makeStore()));
    afterAll(() => under.close());

    it('R18: commits the checkpoint that it ends with', async () => {
      const saga = await anOwnedSaga(under.store);
      const result = await under.store.transaction((manager) => under.store.checkpoint(nextCheckpoint(saga), manager));
      expect(result).toEqual({ kind: 'passed' });
      expect((await stored(under.store, saga.row.id)).journal).toHaveLength(2);
    });

    it('R3: takes the checkpoint back when it throws', async () => {
      const saga = await anOwnedSaga(under.store);
      const failing = under.store.transaction(async (manager) => {
        await under.store.checkpoint(nextCheckpoint(saga), manager);
        throw new Error('thrown by the step');
      });
      await expect(failing).rejects.toThrow('thrown by the step');
      expect(await stored(under.store, saga.row.id)).toEqual(saga);
    });

    it('R18: a former owner learns it inside, and nothing of it commits', async () => {
      const saga = await anOwnedSaga(under.store);
      const next = await under.store.reclaim(saga.row.owner ?? '', saga.row.id);
      const result = await under.store.transaction((manager) => under.store.checkpoint(nextCheckpoint(saga), manager));
      expect(result).toEqual({ kind: 'lost' });
      expect(await stored(under.store, saga.row.id)).toEqual(next);
    });

    it('R34: many at once all get their turn', async () => {
      const owner = await aNode(under.store);
      const sagas = await Promise.all(Array.from({ length: 30 }, () => anOwnedSaga(under.store, { owner })));
      const results = await Promise.all(
        sagas.map((saga) => under.store.transaction((manager) => under.store.checkpoint(nextCheckpoint(saga), manager))),
      );
      expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['passed']));
    });
  });
}
