import { Logger } from '@nestjs/common';

import {
  anEntry,
  aNode,
  anOwnedSaga,
  aSaga,
  idsOf,
  listenerTo,
  type MakeStore,
  ORDER,
  requested,
  RUNNING,
  stored,
  type StoreUnderTest,
} from './store-under-test.js';

export function describeChanges(makeStore: MakeStore): void {
  describe('change', () => {
    let under: StoreUnderTest;
    beforeAll(async () => void (under = await makeStore()));
    afterAll(() => under.close());

    it('R18: appends, raises the revision, and makes an unowned saga due', async () => {
      const saga = aSaga({ progress: { ...RUNNING, wakeAt: null } });
      await under.store.start(saga);
      const changed = await under.store.change(saga.instance.id, ({ journal }) => ({
        entries: [requested(journal.length + 1)],
        wakeAt: 2_000,
      }));
      expect(changed).toBe(true);
      const { row, journal } = await stored(under.store, saga.instance.id);
      expect(row).toMatchObject({ revision: 1, wakeAt: 2_000, paused: false, epoch: 0 });
      expect(journal).toEqual([...saga.entries, requested(2)]);
    });

    it('leaves owner, epoch and waking time of an owned saga to its owner', async () => {
      const saga = await anOwnedSaga(under.store, { progress: { ...RUNNING, wakeAt: 9_000 } });
      await under.store.change(saga.row.id, () => ({ entries: [], paused: true, wakeAt: 2_000 }));
      expect(await under.store.find(saga.row.id)).toEqual({ ...saga.row, revision: 1, paused: true });
    });

    it('R16: writes what its entries make of the row, and a saga that had ended is due again', async () => {
      const failure = { kind: 'cancelled', message: 'taken back' } as const;
      const saga = aSaga({ progress: { ...RUNNING, status: 'completed', endedAt: 1_500 } });
      await under.store.start(saga);
      await under.store.change(saga.instance.id, () => ({
        entries: [anEntry(2)],
        progress: { status: 'compensating', failure, pivotBegun: true, endedAt: null },
        wakeAt: 2_000,
      }));
      const { row } = await stored(under.store, saga.instance.id);
      expect(row).toMatchObject({ status: 'compensating', failure, pivotBegun: true, endedAt: null, wakeAt: 2_000 });
      const claimed = await under.store.claim(await aNode(under.store), 100, [ORDER]);
      expect(idsOf(claimed)).toContain(saga.instance.id);
    });

    it('R16: takes a failure from the row, also where a node owns the saga', async () => {
      const stuck = { ...RUNNING, status: 'stuck', failure: { kind: 'failed', message: 'down' } } as const;
      const saga = await anOwnedSaga(under.store, { progress: stuck });
      const { wakeAt: _wakeAt, ...progress } = RUNNING;
      await under.store.change(saga.row.id, () => ({ entries: [anEntry(2)], progress, wakeAt: 2_000 }));
      expect(await under.store.find(saga.row.id)).toEqual({ ...saga.row, ...progress, revision: 1 });
      await under.store.change(saga.row.id, () => ({ entries: [anEntry(3)], wakeAt: 2_000 }));
      expect(await under.store.find(saga.row.id)).toEqual({ ...saga.row, ...progress, revision: 2 });
    });

    it('shows what is stored, and writes nothing where nothing is to be changed', async () => {
      const saga = await anOwnedSaga(under.store);
      let seen: unknown;
      await expect(under.store.change(saga.row.id, (given) => ((seen = given), null))).resolves.toBe(false);
      expect(seen).toEqual(saga);
      expect(await stored(under.store, saga.row.id)).toEqual(saga);
    });

    it('says so where there is no such saga', async () => {
      const change = () => ({ entries: [], wakeAt: null });
      await expect(under.store.change(aSaga().instance.id, change)).resolves.toBeUndefined();
      await expect(under.store.change('not an id at all', change)).resolves.toBeUndefined();
    });

    it('R3: a decision that throws changes nothing, and the saga is free again', async () => {
      const saga = await anOwnedSaga(under.store);
      const failing = under.store.change(saga.row.id, () => {
        throw new Error('undecided');
      });
      await expect(failing).rejects.toThrow('undecided');
      expect(await stored(under.store, saga.row.id)).toEqual(saga);
      await expect(under.store.change(saga.row.id, () => ({ entries: [anEntry(2)], wakeAt: null }))).resolves.toBe(true);
    });

    it('R30: many at once, from two processes, are ordered: each sees the one before, and the first reason stays', async () => {
      const saga = await anOwnedSaga(under.store);
      const another = await under.another();
      const cancels = Array.from({ length: 16 }, (_none, index) =>
        (index % 2 ? another : under.store).change(saga.row.id, ({ journal }) =>
          journal.some(({ kind }) => kind === 'cancel-requested')
            ? null
            : { entries: [requested(journal.length + 1, `reason ${index}`)], wakeAt: null },
        ),
      );
      const results = await Promise.all(cancels);
      expect(results.filter(Boolean)).toEqual([true]);
      const winner = results.indexOf(true);
      expect((await stored(under.store, saga.row.id)).journal.slice(1)).toEqual([requested(2, `reason ${winner}`)]);
    });

    it('R18: wakes the owner, also in another process', async () => {
      const saga = await anOwnedSaga(under.store);
      const another = await listenerTo(under);
      const woken = new Promise<string>((resolve) => void another.onWake((id) => id === saga.row.id && resolve(id)));
      await under.store.change(saga.row.id, () => ({ entries: [anEntry(2)], wakeAt: null }));
      await expect(woken).resolves.toBe(saga.row.id);
    });

    it('wakes nobody who has stopped listening, and a listener that throws stops no other', async () => {
      const saga = await anOwnedSaga(under.store);
      const heard: string[] = [];
      Logger.overrideLogger(false); // the throw below is reported
      const stop = under.store.onWake(() => heard.push('stopped'));
      under.store.onWake(() => {
        throw new Error('thrown by a listener');
      });
      stop();
      const woken = new Promise<void>((resolve) => void under.store.onWake((id) => id === saga.row.id && resolve()));
      await under.store.change(saga.row.id, () => ({ entries: [anEntry(2)], wakeAt: null }));
      await woken;
      Logger.overrideLogger(['log', 'warn', 'error']);
      expect(heard).toEqual([]);
    });
  });
}
