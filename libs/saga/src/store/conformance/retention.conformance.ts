import type { Mail } from '../mail.js';
import type { Keeping, SweepPosition } from '../retention.js';
import type { NewSaga, SagaStore } from '../saga-store.js';
import {
  anEntry,
  anOwnedSaga,
  aSaga,
  type MakeStore,
  nextCheckpoint,
  RUNNING,
  type SagaGiven,
  stored,
  type StoreUnderTest,
} from './store-under-test.js';

const DAY_MS = 24 * 3_600_000;
const MONTH_MS = 30 * DAY_MS;
/** The defaults. */
const KEEPING: Keeping = { retentionMs: MONTH_MS, keyRetentionMs: null };
const LIMIT = 100;

export function describeRetention(makeStore: MakeStore): void {
  describe('retention', () => {
    let under: StoreUnderTest;
    beforeEach(async () => void (under = await makeStore()));
    afterEach(() => under.close());

    /** One that ended by the store's clock so long ago. */
    const ended = async (agoMs: number, { instance, ...given }: SagaGiven = {}): Promise<NewSaga> => {
      const endedAt = (await under.store.now()) - agoMs;
      const saga = aSaga({
        instance: { metadata: { tenant: 'blue' }, startedAt: endedAt - MONTH_MS, ...instance },
        progress: { ...RUNNING, status: 'completed', endedAt },
        ...given,
      });
      await under.store.start(saga);
      return saga;
    };
    const childOf = (parent: NewSaga, step = 'ship'): SagaGiven['instance'] => ({ parent: { sagaId: parent.instance.id, step } });
    const isThere = async (...sagas: NewSaga[]): Promise<boolean[]> =>
      Promise.all(sagas.map(async ({ instance }) => (await under.store.find(instance.id)) !== undefined));

    it('R6: a saga is kept for its retention from its end on, however long it ran', async () => {
      const now = await under.store.now();
      const monthLong = await ended(0, { instance: { startedAt: now - 2 * MONTH_MS } });
      const old = await ended(MONTH_MS);
      const nearlyOld = await ended(MONTH_MS - DAY_MS);
      expect(await sweepAll(under.store)).toBe(1);
      expect(await isThere(monthLong, old, nearlyOld)).toEqual([true, false, true]);
      expect((await stored(under.store, monthLong.instance.id)).journal).toEqual(monthLong.entries);
      await under.pass(DAY_MS);
      expect(await sweepAll(under.store)).toBe(1);
      await under.pass(MONTH_MS);
      expect(await sweepAll(under.store)).toBe(1);
      expect(await isThere(monthLong, nearlyOld)).toEqual([false, false]);
    });

    it('R6: what has a key loses journal and payloads, and a start still finds it', async () => {
      const failure = { kind: 'rejected', message: 'CARD_DECLINED', details: { card: 4711 } } as const;
      const endedAt = (await under.store.now()) - MONTH_MS;
      const saga = await ended(0, { instance: { key: 'k' }, progress: { ...RUNNING, status: 'compensated', failure, endedAt } });
      await sweepAll(under.store);
      const { row, journal } = await stored(under.store, saga.instance.id);
      expect(journal).toEqual([]);
      expect(row).toEqual({
        ...saga.instance,
        ...saga.progress,
        ...{ hash: saga.hash, inputHash: saga.inputHash, paused: false, owner: null, epoch: 0, revision: 0 },
        ...{ emptied: true, input: null, metadata: {}, failure: null },
      });
      const again = aSaga({ instance: { key: 'k' }, inputHash: 'another' });
      expect(await under.store.start(again)).toEqual({ kind: 'found', id: row.id, inputHash: saga.inputHash });
      expect(await under.store.findByKey(row.name, 'k')).toEqual(row);
      expect((await under.store.list({ key: 'k', limit: 10 })).items).toEqual([{ row, journal }]);
      expect(await sweepAll(under.store)).toBe(0);
    });

    it('R6: its key is free once the key’s own retention is over', async () => {
      const [early, late] = [
        await ended(2 * MONTH_MS, { instance: { key: 'early' } }),
        await ended(MONTH_MS, { instance: { key: 'late' } }),
      ];
      await sweepAll(under.store);
      expect(await under.store.retention.forgetKeys(2 * MONTH_MS, LIMIT)).toBe(1);
      expect(await isThere(early, late)).toEqual([false, true]);
      const again = aSaga({ instance: { key: 'early' } });
      expect(await under.store.start(again)).toEqual({ kind: 'created' });
      expect(await under.store.findByKey(again.instance.name, 'early')).toMatchObject({ id: again.instance.id, emptied: false });
      await under.pass(MONTH_MS);
      expect(await under.store.retention.forgetKeys(2 * MONTH_MS, LIMIT)).toBe(1);
    });

    it('R6: goes as a whole where its key is kept no longer than itself', async () => {
      const saga = await ended(MONTH_MS, { instance: { key: 'k' } });
      expect(await sweepAll(under.store, { retentionMs: MONTH_MS, keyRetentionMs: MONTH_MS })).toBe(1);
      expect(await isThere(saga)).toEqual([false]);
      expect(await under.store.start(aSaga({ instance: { key: 'k' } }))).toEqual({ kind: 'created' });
    });

    it('R6: what has not ended stays, whatever its age', async () => {
      const long = { ...RUNNING, endedAt: null };
      const open = await Promise.all(
        (['pending', 'running', 'compensating', 'stuck'] as const).map(async (status) => ended(0, { progress: { ...long, status } })),
      );
      const takenBack = await ended(MONTH_MS);
      await under.store.change(takenBack.instance.id, () => ({
        entries: [anEntry(2)],
        progress: { ...long, status: 'compensating' },
        wakeAt: null,
      }));
      await under.store.change(open[1]!.instance.id, () => ({ entries: [], paused: true, wakeAt: null }));
      // Ended, and somebody is about to look at it.
      const owned = await ended(MONTH_MS, { owner: 'a node' });
      const due = await ended(MONTH_MS);
      await under.store.change(due.instance.id, () => ({ entries: [], wakeAt: 1_000 }));
      await under.pass(10 * MONTH_MS);
      expect(await sweepAll(under.store)).toBe(0);
      expect(await isThere(...open, takenBack, owned, due)).not.toContain(false);
    });

    it('R18: an emptied saga takes no entries, and drops its mail', async () => {
      const saga = await ended(MONTH_MS, { instance: { key: 'k' } });
      const { id, name } = saga.instance;
      await sweepAll(under.store);
      await under.store.mail.post({ to: { sagaName: name, sagaKey: 'k' }, channel: 'event', name: 'Paid' });
      await expect(under.store.change(id, () => ({ entries: [anEntry(1)], wakeAt: 1 }))).rejects.toThrow(
        `place-order ${id} has ended, and its journal was deleted after its retention. Nothing was changed.`,
      );
      expect(await under.store.collect(id, () => null)).toBe(false);
      expect(await under.store.mail.has(saga.instance)).toBe(false);
    });

    it('R31: a family stays until all of it has ended and the last end is past its retention; then it goes as a whole', async () => {
      const root = await ended(2 * MONTH_MS);
      const child = await ended(2 * MONTH_MS, { instance: { ...childOf(root), key: 'child' } });
      const grandchild = await anOwnedSaga(under.store, { instance: childOf(child) });
      const sibling = await ended(2 * MONTH_MS, { instance: childOf(root, 'bill') });
      expect(await sweepAll(under.store)).toBe(0);
      const endedAt = await under.store.now();
      await under.store.checkpoint(nextCheckpoint(grandchild, { release: true, progress: { ...RUNNING, status: 'completed', endedAt } }));
      expect(await sweepAll(under.store)).toBe(0);
      await under.pass(MONTH_MS);
      expect(await sweepAll(under.store)).toBe(4);
      expect(await isThere(root, child, sibling)).toEqual([false, true, false]);
      expect(await under.store.find(grandchild.row.id)).toBeUndefined();
      expect((await stored(under.store, child.instance.id)).row).toMatchObject({ emptied: true, parent: { sagaId: root.instance.id } });
    });

    it('R31: a child whose parent is gone, or emptied, is a root of its own', async () => {
      const keyed = await ended(MONTH_MS, { instance: { key: 'k' } });
      await sweepAll(under.store);
      const orphans = [await ended(MONTH_MS, { instance: childOf(aSaga()) }), await ended(MONTH_MS, { instance: childOf(keyed) })];
      expect(await sweepAll(under.store)).toBe(2);
      expect(await isThere(...orphans, keyed)).toEqual([false, false, true]);
    });

    it('R31: a large family goes at once', async () => {
      const root = await ended(MONTH_MS);
      for (let left = 250; left > 0; left -= 1) await ended(MONTH_MS, { instance: childOf(root, `step ${left}`) });
      expect(await sweepAll(under.store)).toBe(251);
      expect((await under.store.list({ limit: 10 })).items).toEqual([]);
    });

    it('goes on past families that stay, batch by batch', async () => {
      for (const agoMs of [5, 4, 3]) {
        const root = await ended(agoMs * MONTH_MS);
        await under.store.start(aSaga({ instance: childOf(root) }));
      }
      const old = [await ended(2 * MONTH_MS), await ended(2 * MONTH_MS), await ended(MONTH_MS)];
      expect(await sweepAll(under.store, KEEPING, 1)).toBe(3);
      expect(await isThere(...old)).toEqual([false, false, false]);
    });

    it('R27: mail to what is gone goes too, and no other', async () => {
      const saga = await ended(MONTH_MS, { instance: { key: 'k' } });
      const { id, name } = saga.instance;
      const child = await ended(MONTH_MS, { instance: childOf(saga) });
      const young = await ended(0, { instance: { key: 'young' } });
      const event = (sagaKey: string): Mail => ({ to: { sagaName: name, sagaKey }, channel: 'event', name: 'Paid' });
      for (const mail of [
        event('k'),
        event('young'),
        { to: { sagaId: id }, channel: 'child', name: child.instance.id },
        { to: { sagaId: child.instance.id }, channel: 'signal', name: 'go' },
      ] as const)
        await under.store.mail.post(mail);
      await sweepAll(under.store);
      const has = [saga, child, young].map(async ({ instance }) => under.store.mail.has(instance));
      expect(await Promise.all(has)).toEqual([false, false, true]);
    });

    it('R32: any number of nodes sweep at once, while sagas start and are taken back', async () => {
      const sagas = await Promise.all(Array.from({ length: 60 }, async (_, index) => ended(MONTH_MS, { instance: { key: `k-${index}` } })));
      const others = [under.store, await under.another(), await under.another()];
      const takeBack = async ({ instance }: NewSaga): Promise<unknown> =>
        under.store.change(instance.id, ({ row }) =>
          row.emptied ? null : { entries: [anEntry(2)], progress: { ...RUNNING, status: 'compensating' }, wakeAt: null },
        );
      const taken = sagas.slice(20, 40);
      const [swept] = await Promise.all([
        Promise.all(others.map(async (store) => sweepAll(store, KEEPING, 7))),
        Promise.all(taken.map(takeBack)),
        Promise.all(sagas.map(async ({ instance: { key } }) => under.store.start(aSaga({ instance: { key } })))),
      ]);
      const rest = await sweepAll(under.store);
      const found = await Promise.all(sagas.map(async ({ instance }) => stored(under.store, instance.id)));
      const isWhole = found.map(({ row, journal }) =>
        row.emptied ? journal.length === 0 && row.status === 'completed' : journal.length === 2 && row.status === 'compensating',
      );
      expect(isWhole).not.toContain(false);
      const emptied = found.filter(({ row }) => row.emptied).length;
      expect(emptied).toBe(swept.reduce((sum, count) => sum + count, rest));
      expect(emptied).toBeGreaterThanOrEqual(40);
    });
  });
}

/** Batch after batch, as a node does. Returns how many. */
async function sweepAll(store: SagaStore, keeping = KEEPING, limit = LIMIT): Promise<number> {
  let swept = 0;
  let after: SweepPosition | undefined;
  do {
    const batch = await store.retention.sweep(keeping, limit, after);
    swept += batch.swept;
    after = batch.next;
  } while (after !== undefined);
  return swept;
}
