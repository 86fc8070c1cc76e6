import { randomUUID } from 'node:crypto';

import type { StartResult } from '../saga-store.js';
import { anEntry, aSaga, DUE, listenerTo, type MakeStore, stored, type StoreUnderTest } from './store-under-test.js';

export function describeStarting(makeStore: MakeStore): void {
  describe('start', () => {
    let under: StoreUnderTest;
    beforeAll(async () => void (under = await makeStore()));
    afterAll(() => under.close());

    it('R3: records the saga with its first entries, whole', async () => {
      const saga = aSaga({ instance: { key: 'whole', metadata: { tenant: 'acme' }, deadlineAt: 1_700_000_009_999 } });
      await expect(under.store.start(saga)).resolves.toEqual({ kind: 'created' });
      const { row, journal } = await stored(under.store, saga.instance.id);
      const { instance, progress, hash, inputHash, entries } = saga;
      expect(row).toEqual({ ...instance, ...progress, hash, inputHash, paused: false, emptied: false, owner: null, epoch: 0, revision: 0 });
      expect(journal).toEqual(entries);
    });

    it('R18: born owned, it has epoch 1 and its owner', async () => {
      const saga = aSaga({ owner: 'node-a' });
      await under.store.start(saga);
      expect((await stored(under.store, saga.instance.id)).row).toMatchObject({ owner: 'node-a', epoch: 1, revision: 0 });
    });

    it('R6: the same name and key find the first saga and record nothing', async () => {
      const first = aSaga({ instance: { key: 'o-1' }, inputHash: 'first' });
      const second = aSaga({ instance: { key: 'o-1' }, inputHash: 'second' });
      await under.store.start(first);
      await expect(under.store.start(second)).resolves.toEqual({ kind: 'found', id: first.instance.id, inputHash: 'first' });
      await expect(under.store.load(second.instance.id)).resolves.toBeUndefined();
    });

    it('R6: the same key under another name is another saga, and a null key is always new', async () => {
      await under.store.start(aSaga({ instance: { key: 'o-2' } }));
      await expect(under.store.start(aSaga({ instance: { key: 'o-2', name: 'return-order' } }))).resolves.toEqual({ kind: 'created' });
      await under.store.start(aSaga());
      await expect(under.store.start(aSaga())).resolves.toEqual({ kind: 'created' });
    });

    it('R6: concurrent starts with one key, from two processes, give one saga, and all its id', async () => {
      const another = await under.another();
      const sagas = Array.from({ length: 20 }, () => aSaga({ instance: { key: 'race' } }));
      const results = await Promise.all(sagas.map((saga, index) => (index % 2 ? another : under.store).start(saga)));
      const winners = sagas.filter((_saga, index) => results[index]?.kind === 'created').map(({ instance }) => instance.id);
      expect(winners).toHaveLength(1);
      const found = results.flatMap((result) => (result.kind === 'found' ? [result.id] : []));
      expect(new Set(found)).toEqual(new Set(winners));
    });

    it('R6: an id that is there already is found, not overwritten', async () => {
      const first = aSaga({ inputHash: 'first' });
      await under.store.start(first);
      const again = aSaga({ instance: { id: first.instance.id }, inputHash: 'second' });
      await expect(under.store.start(again)).resolves.toEqual({ kind: 'found', id: first.instance.id, inputHash: 'first' });
    });

    it('R4: a journal with a gap is refused, and leaves nothing', async () => {
      const saga = { ...aSaga(), entries: [anEntry(1, { kind: 'saga-started' }), anEntry(3)] };
      await expect(under.store.start(saga)).rejects.toMatchObject({
        code: 'SAGA_STORE',
        message: expect.stringContaining('has sequence 3; the next one is 2'),
      });
      await expect(under.store.find(saga.instance.id)).resolves.toBeUndefined();
    });

    it('wakes somebody for a saga that is due and nobody’s, also in another process', async () => {
      const another = await listenerTo(under);
      const saga = aSaga({ instance: { id: randomUUID() }, progress: DUE });
      const woken = new Promise<string>((resolve) => void another.onWake((id) => id === saga.instance.id && resolve(id)));
      await under.store.start(saga);
      await expect(woken).resolves.toBe(saga.instance.id);
    });
  });

  describe('start in the caller’s transaction', () => {
    let under: StoreUnderTest;
    beforeAll(async () => void (under = await makeStore()));
    afterAll(() => under.close());

    const joined = (name: string, test: (transact: NonNullable<StoreUnderTest['transact']>) => Promise<void>): void =>
      it(name, async () => {
        if (under.transact !== undefined) return test(under.transact);
        const start = under.store.start(aSaga(), {} as never);
        await expect(start).rejects.toMatchObject({ code: 'SAGA_STORE', message: expect.stringContaining('no transactions') });
      });

    joined('R6: is seen by nobody before the commit, and by all after it', async (transact) => {
      const saga = aSaga({ instance: { key: 'joined' } });
      await transact(async (manager) => {
        await expect(under.store.start(saga, manager)).resolves.toEqual({ kind: 'created' });
        await expect(under.store.find(saga.instance.id)).resolves.toBeUndefined();
      });
      await expect(under.store.find(saga.instance.id)).resolves.toMatchObject({ owner: null, epoch: 0 });
    });

    joined('R6: rolled back, it leaves nothing, and its key is free', async (transact) => {
      const saga = aSaga({ instance: { key: 'rolled-back' } });
      const failing = transact(async (manager) => {
        await under.store.start(saga, manager);
        throw new Error('the order was not saved');
      });
      await expect(failing).rejects.toThrow('the order was not saved');
      await expect(under.store.load(saga.instance.id)).resolves.toBeUndefined();
      await expect(under.store.start(aSaga({ instance: { key: 'rolled-back' } }))).resolves.toEqual({ kind: 'created' });
    });

    joined('finds the saga with its key in the transaction too', async (transact) => {
      const saga = aSaga({ instance: { key: 'twice' } });
      await transact(async (manager) => {
        await under.store.start(saga, manager);
        const again = under.store.start(aSaga({ instance: { key: 'twice' } }), manager);
        await expect(again).resolves.toMatchObject({ kind: 'found', id: saga.instance.id });
      });
    });

    joined('wakes somebody, but only after the commit', async (transact) => {
      const saga = aSaga();
      let committed = false;
      const woken = new Promise<boolean>((resolve) => void under.store.onWake((id) => id === saga.instance.id && resolve(committed)));
      await transact(async (manager) => {
        await under.store.start(saga, manager);
        await under.store.now(); // time enough for a wake that comes too soon
        committed = true;
      });
      await expect(woken).resolves.toBe(true);
    });

    const held: Promise<StartResult | undefined>[] = [];
    joined('R32: an open transaction that holds a key stops no other saga', async (transact) => {
      await transact(async (manager) => {
        await under.store.start(aSaga({ instance: { key: 'held' } }), manager);
        const waiting = Array.from({ length: 20 }, () => under.store.start(aSaga({ instance: { key: 'held' } })).catch(() => undefined));
        await expect(under.store.start(aSaga())).resolves.toEqual({ kind: 'created' });
        held.push(...waiting);
      });
      const results = await Promise.all(held);
      expect(new Set(results.map((result) => result?.kind))).toEqual(new Set(['found']));
    });
  });
}
