import { randomUUID } from 'node:crypto';

import type { Mail } from '../mail.js';
import { anEntry, anOwnedSaga, aSaga, type MakeStore, nextCheckpoint, RUNNING, stored, type StoreUnderTest } from './store-under-test.js';

export function describeMail(makeStore: MakeStore): void {
  describe('mail', () => {
    let under: StoreUnderTest;
    beforeAll(async () => void (under = await makeStore()));
    afterAll(() => under.close());

    const signal = (sagaId: string, payload: number, over: Partial<Mail> = {}): Mail => ({
      to: { sagaId },
      channel: 'signal',
      name: 'approve',
      payload,
      ...over,
    });
    const collected = async (sagaId: string): Promise<readonly Mail[] | undefined> => {
      let taken: readonly Mail[] | undefined;
      await under.store.collect(sagaId, (_saga, mail) => ((taken = mail), null));
      return taken;
    };

    it('R27: is kept before the saga is there, by its id or by its name and key, and taken once, oldest first', async () => {
      const saga = aSaga({ instance: { key: randomUUID() } });
      const { id, name, key } = saga.instance;
      const to = { sagaName: name, sagaKey: key! };
      await under.store.mail.post(signal(id, 1));
      await under.store.mail.post({ to, channel: 'event', name: 'Paid', payload: { cents: 2 } });
      await under.store.mail.post({ to: { ...to, sagaKey: 'another' }, channel: 'event', name: 'Paid' });
      await under.store.mail.post(signal(id, 3));
      expect(await under.store.mail.has(saga.instance)).toBe(true);
      expect(await collected(id)).toBeUndefined();

      await under.store.start(saga);
      const taken = await collected(id);
      expect(taken?.map(({ channel, name: message, payload }) => ({ channel, message, payload }))).toEqual([
        { channel: 'signal', message: 'approve', payload: 1 },
        { channel: 'event', message: 'Paid', payload: { cents: 2 } },
        { channel: 'signal', message: 'approve', payload: 3 },
      ]);
      expect(await under.store.mail.has(saga.instance)).toBe(false);
      expect(await collected(id)).toEqual([]);
    });

    it('R27: one with a dedupe id that lies there already is the same one', async () => {
      const { row } = await anOwnedSaga(under.store);
      await Promise.all([1, 2, 3].map(async (payload) => under.store.mail.post(signal(row.id, payload, { dedupeId: 'once' }))));
      await under.store.mail.post(signal(row.id, 4, { dedupeId: 'twice' }));
      await under.store.mail.post(signal(row.id, 5));
      await under.store.mail.post(signal(row.id, 5));
      expect((await collected(row.id))?.map(({ dedupeId }) => dedupeId).toSorted()).toEqual(['once', 'twice', undefined, undefined]);
    });

    it('R3: is taken together with the change that it makes, or not at all', async () => {
      const saga = aSaga({ progress: { ...RUNNING, wakeAt: null } });
      await under.store.start(saga);
      const { id } = saga.instance;
      await under.store.mail.post(signal(id, 7));
      const failing = under.store.collect(id, () => {
        throw new Error('undecided');
      });
      await expect(failing).rejects.toThrow('undecided');
      expect(await under.store.mail.has(saga.instance)).toBe(true);
      await expect(under.store.collect(id, () => ({ entries: [anEntry(2)], wakeAt: 2_000 }))).resolves.toBe(true);
      expect((await stored(under.store, id)).row).toMatchObject({ revision: 1, wakeAt: 2_000 });
      expect(await under.store.mail.has(saga.instance)).toBe(false);
    });

    it('R27: two who collect at once take each message once', async () => {
      const { row } = await anOwnedSaga(under.store);
      for (const payload of [1, 2, 3, 4]) await under.store.mail.post(signal(row.id, payload));
      const another = await under.another();
      const taken: unknown[] = [];
      await Promise.all(
        [under.store, another, under.store, another].map(async (store) =>
          store.collect(row.id, (_saga, mail) => (taken.push(...mail.map(({ payload }) => payload)), null)),
        ),
      );
      expect(taken).toEqual([1, 2, 3, 4]);
    });

    it('R3, R31: goes out together with the checkpoint that posts it, or not at all', async () => {
      const parent = aSaga().instance;
      const child = await anOwnedSaga(under.store, { instance: { parent: { sagaId: parent.id, step: 'ship', item: 2 } } });
      expect(child.row.parent).toEqual({ sagaId: parent.id, step: 'ship', item: 2 });
      const mail: readonly Mail[] = [{ to: { sagaId: parent.id }, channel: 'child', name: child.row.id, payload: { status: 'completed' } }];
      const stale = nextCheckpoint(child, { mail });
      await expect(under.store.checkpoint({ ...stale, ownership: { ...stale.ownership, epoch: 7 } })).resolves.toEqual({ kind: 'lost' });
      expect(await under.store.mail.has(parent)).toBe(false);
      await expect(under.store.checkpoint(stale)).resolves.toEqual({ kind: 'passed' });
      await under.store.start({ ...aSaga(), instance: { ...aSaga().instance, id: parent.id } });
      expect(await collected(parent.id)).toEqual(mail);
    });

    it('that was left lying is found after a while, unless it is parked, and deleted once it is old', async () => {
      const { mail } = under.store;
      const left = aSaga().instance;
      const parked = aSaga().instance;
      await mail.post(signal(left.id, 1));
      await mail.post(signal(parked.id, 1));
      await mail.park({ sagaId: parked.id });
      const [{ row: parent }, noParent] = [await anOwnedSaga(under.store), aSaga().instance];
      for (const { id } of [parent, noParent]) {
        await mail.post({ to: { sagaId: id }, channel: 'child', name: 'its id' });
        await mail.park({ sagaId: id });
      }
      expect(await mail.undelivered(100)).not.toContainEqual({ sagaId: left.id });
      await under.pass(3_000);
      const found = await mail.undelivered(100);
      expect(found).toContainEqual({ sagaId: left.id });
      expect(found).not.toContainEqual({ sagaId: parked.id });
      await expect(mail.remove(60_000, 100)).resolves.toBe(0);
      await under.pass(60_000);
      expect(await mail.remove(60_000, 1)).toBe(1);
      expect(await mail.remove(60_000, 100)).toBeGreaterThan(0);
      expect(await mail.has(left)).toBe(false);
      expect(await mail.has(parked)).toBe(false);
      // R31: the end of a child is waited for, however long it takes, unless there is nobody who would.
      expect([await mail.has(parent), await mail.has(noParent)]).toEqual([true, false]);
    });

    it('R32: many messages that lie at one address do not hide those at another', async () => {
      const { mail } = under.store;
      const [held, other] = [aSaga().instance, aSaga().instance];
      for (const word of [1, 2, 3]) await mail.post(signal(held.id, word));
      await mail.post(signal(other.id, 1));
      await under.pass(3_000);
      expect(await mail.undelivered(2)).toEqual([{ sagaId: held.id }, { sagaId: other.id }]);
    });

    it('R27: joins the transaction of its sender', async () => {
      const { transact, store } = under;
      if (transact === undefined) {
        await expect(store.mail.post(signal(randomUUID(), 1), { manager: {} as never })).rejects.toThrow('has no transactions');
        return;
      }
      const { row } = await anOwnedSaga(store);
      const posted: string[] = [];
      const sent = transact(async (manager) => {
        await store.mail.post(signal(row.id, 1), { manager, posted: () => posted.push('rolled back') });
        throw new Error('rolled back');
      });
      await expect(sent).rejects.toThrow('rolled back');
      expect(await store.mail.has(row)).toBe(false);
      await transact(async (manager) => {
        await store.mail.post(signal(row.id, 2), { manager, posted: () => posted.push('committed') });
        expect(posted).toEqual([]);
        // Its row is free all the while.
        await expect(store.change(row.id, () => ({ entries: [anEntry(2)], wakeAt: null }))).resolves.toBe(true);
      });
      expect(posted).toEqual(['committed']);
      expect(await store.mail.has(row)).toBe(true);
    });
  });
}
