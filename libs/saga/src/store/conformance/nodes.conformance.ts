import {
  anEntry,
  aNode,
  anOwnedSaga,
  aSaga,
  DUE,
  idsOf,
  LEASE_MS,
  listenerTo,
  type MakeStore,
  nextCheckpoint,
  ORDER,
  ownedIds,
  RUNNING,
  stored,
  type StoreUnderTest,
} from './store-under-test.js';

export function describeNodes(makeStore: MakeStore): void {
  let under: StoreUnderTest;
  beforeEach(async () => void (under = await makeStore()));
  afterEach(() => under.close());

  describe('claim', () => {
    it('R18: takes what is due and nobody’s, under a new epoch, whole', async () => {
      const saga = aSaga();
      await under.store.start(saga);
      const node = await aNode(under.store);
      const [claimed, ...others] = await under.store.claim(node, 10, [ORDER]);
      expect(others).toEqual([]);
      expect(claimed?.row).toMatchObject({ id: saga.instance.id, owner: node, epoch: 1 });
      expect({ ...claimed, row: { ...claimed?.row, wakeAt: null } }).toEqual(await stored(under.store, saga.instance.id));
    });

    it('passes over what is owned, not due, or waits for an outside change alone', async () => {
      const node = await aNode(under.store);
      await anOwnedSaga(under.store, { progress: DUE });
      await under.store.start(aSaga({ progress: { ...DUE, wakeAt: (await under.store.now()) + 60_000 } }));
      await under.store.start(aSaga({ progress: { ...DUE, wakeAt: null } }));
      await expect(under.store.claim(node, 10, [ORDER])).resolves.toEqual([]);
    });

    it('R20, R28: what is due later is due when that time has passed, by the database’s clock', async () => {
      const saga = aSaga({ progress: { ...DUE, wakeAt: (await under.store.now()) + 60_000 } });
      await under.store.start(saga);
      await under.pass(60_001);
      const node = await aNode(under.store);
      expect(idsOf(await under.store.claim(node, 10, [ORDER]))).toEqual([saga.instance.id]);
    });

    it('R23: takes only the given definitions', async () => {
      const mine = aSaga({ instance: { name: 'mine', version: 2 } });
      for (const saga of [mine, aSaga({ instance: { name: 'mine', version: 1 } }), aSaga({ instance: { name: 'other', version: 2 } })])
        await under.store.start(saga);
      const node = await aNode(under.store);
      const claimed = await under.store.claim(node, 10, [
        { name: 'mine', version: 2 },
        { name: 'unknown', version: 1 },
      ]);
      expect(idsOf(claimed)).toEqual([mine.instance.id]);
      await expect(under.store.claim(node, 10, [])).resolves.toEqual([]);
    });

    it('takes the longest due first, no more than the limit', async () => {
      const sagas = [30, 10, 20, 40].map((wakeAt) => aSaga({ progress: { ...DUE, wakeAt } }));
      for (const saga of sagas) await under.store.start(saga);
      const node = await aNode(under.store);
      const claimed = await under.store.claim(node, 3, [ORDER]);
      expect(claimed.map(({ row }) => row.wakeAt)).toEqual([10, 20, 30]);
    });

    it('R18: what was claimed is woken by nothing stored until its next checkpoint, and is due again when its node goes', async () => {
      const saga = aSaga({ progress: { ...DUE, wakeAt: 10 } });
      await under.store.start(saga);
      const node = await aNode(under.store);
      const [claimed] = await under.store.claim(node, 1, [ORDER]);
      expect((await stored(under.store, saga.instance.id)).row).toEqual({ ...claimed!.row, wakeAt: null });
      await under.store.removeNode(node);
      const [again] = await under.store.claim(await aNode(under.store), 1, [ORDER]);
      expect(again?.row).toMatchObject({ id: saga.instance.id, epoch: 2 });
      expect(Number.isInteger(again?.row.wakeAt)).toBe(true);
    });

    it('R18: two claimers never get the same saga', async () => {
      const another = await under.another();
      const sagas = Array.from({ length: 60 }, () => aSaga());
      await Promise.all(sagas.map((saga) => under.store.start(saga)));
      const [left, right] = [await aNode(under.store), await aNode(another)];
      const claims = Array.from({ length: 12 }, (_none, index) =>
        index % 2 ? under.store.claim(left, 10, [ORDER]) : another.claim(right, 10, [ORDER]),
      );
      const taken = (await Promise.all(claims)).flatMap(idsOf);
      while (taken.length < sagas.length) taken.push(...idsOf(await under.store.claim(left, 60, [ORDER])));
      expect(taken).toHaveLength(sagas.length);
      expect(new Set(taken)).toEqual(new Set(sagas.map(({ instance }) => instance.id)));
    });

    it('R22: gives nothing to a node whose lease has run out, or that is not there', async () => {
      const node = await aNode(under.store);
      await under.store.start(aSaga());
      await under.pass(LEASE_MS + 1);
      await expect(under.store.claim(node, 10, [ORDER])).resolves.toEqual([]);
      await expect(under.store.claim('nobody', 10, [ORDER])).resolves.toEqual([]);
    });
  });

  describe('leases', () => {
    it('R20: a heartbeat extends the lease by the database’s clock, and says what the node owns', async () => {
      const saga = await anOwnedSaga(under.store);
      const node = saga.row.owner ?? '';
      for (let beat = 0; beat < 3; beat += 1) {
        await under.pass(LEASE_MS - 1_000);
        const { alive, owned, now } = await under.store.heartbeat(node, LEASE_MS);
        expect({ alive, owned }).toEqual({ alive: true, owned: [{ sagaId: saga.row.id, epoch: 1, revision: 0 }] });
        expect(Math.abs((await under.store.now()) - now)).toBeLessThan(LEASE_MS);
      }
      await expect(under.store.releaseGone()).resolves.toBe(0);
    });

    it('R18: a node whose lease ran out is not alive, and never again', async () => {
      const node = await aNode(under.store);
      await under.pass(LEASE_MS + 1);
      await expect(under.store.heartbeat(node, LEASE_MS)).resolves.toMatchObject({ alive: false });
      await expect(under.store.heartbeat(node, LEASE_MS)).resolves.toMatchObject({ alive: false });
      await expect(under.store.heartbeat('never registered', LEASE_MS)).resolves.toMatchObject({ alive: false, owned: [] });
    });

    it('R19: the sagas of a node whose lease ran out are freed, due, and taken under a new epoch; its late write is lost', async () => {
      const saga = await anOwnedSaga(under.store);
      const survivor = await aNode(under.store, 10 * LEASE_MS);
      await expect(under.store.releaseGone()).resolves.toBe(0);
      await expect(under.store.heartbeat(survivor, 10 * LEASE_MS)).resolves.toMatchObject({ othersGone: false });
      await under.pass(LEASE_MS + 1);
      await expect(under.store.claim(survivor, 10, [ORDER])).resolves.toEqual([]);
      await expect(under.store.heartbeat(survivor, 10 * LEASE_MS)).resolves.toMatchObject({ othersGone: true });
      await expect(under.store.releaseGone()).resolves.toBe(1);
      await expect(under.store.releaseGone()).resolves.toBe(0);
      await expect(under.store.heartbeat(survivor, 10 * LEASE_MS)).resolves.toMatchObject({ othersGone: false });
      const [claimed] = await under.store.claim(survivor, 10, [ORDER]);
      expect(claimed?.row).toMatchObject({ id: saga.row.id, owner: survivor, epoch: 2 });
      await expect(under.store.checkpoint(nextCheckpoint(saga))).resolves.toEqual({ kind: 'lost' });
    });

    it('R23: what is due for long and nobody takes is counted by definition', async () => {
      const made = { name: `unknown-${LEASE_MS}`, version: 2 };
      const waiting = { ...RUNNING, wakeAt: null };
      for (const progress of [DUE, DUE, waiting]) await under.store.start(aSaga({ instance: made, progress }));
      await under.store.start({ ...aSaga({ instance: made }), owner: await aNode(under.store, 100 * LEASE_MS) });
      expect(await under.store.overdue(1_000)).toContainEqual({ ...made, count: 2 });
      expect(await under.store.overdue(Date.now())).not.toContainEqual(expect.objectContaining(made));
    });

    it('R19: freed, but not taken yet, a saga is lost to its former owner too', async () => {
      const saga = await anOwnedSaga(under.store);
      await under.pass(LEASE_MS + 1);
      await under.store.releaseGone();
      await expect(under.store.checkpoint(nextCheckpoint(saga))).resolves.toEqual({ kind: 'lost' });
      await expect(under.store.heartbeat(saga.row.owner ?? '', LEASE_MS)).resolves.toMatchObject({ alive: false, owned: [] });
    });

    it('R19: sagas of a node that nobody knows are freed too', async () => {
      const saga = await anOwnedSaga(under.store, { owner: 'gone before it was written down' });
      await expect(under.store.heartbeat(await aNode(under.store), LEASE_MS)).resolves.toMatchObject({ othersGone: true });
      await expect(under.store.releaseGone()).resolves.toBe(1);
      expect((await under.store.find(saga.row.id))?.owner).toBeNull();
    });

    it('R19: a saga that has ended and is taken back by an operator is freed and due like any other', async () => {
      const saga = await anOwnedSaga(under.store);
      await under.store.checkpoint(nextCheckpoint(saga, { release: true, progress: { ...RUNNING, status: 'completed', endedAt: 5 } }));
      await under.store.change(saga.row.id, () => ({ entries: [anEntry(3)], wakeAt: 1 }));
      const node = await aNode(under.store);
      expect(idsOf(await under.store.claim(node, 1, [ORDER]))).toEqual([saga.row.id]);
      await under.pass(LEASE_MS + 1);
      await under.store.releaseGone();
      expect(idsOf(await under.store.claim(await aNode(under.store), 1, [ORDER]))).toEqual([saga.row.id]);
    });

    it('R22: a node that goes gives its sagas back at once, due, and wakes somebody', async () => {
      const saga = await anOwnedSaga(under.store);
      const another = await listenerTo(under);
      const woken = new Promise<string>((resolve) => void another.onWake((id) => id === saga.row.id && resolve(id)));
      await under.store.removeNode(saga.row.owner ?? '');
      const next = await aNode(another);
      expect(idsOf(await another.claim(next, 10, [ORDER]))).toEqual([saga.row.id]);
      await expect(woken).resolves.toBe(saga.row.id);
      await expect(under.store.heartbeat(saga.row.owner ?? '', LEASE_MS)).resolves.toMatchObject({ alive: false });
    });
  });

  describe('reclaim', () => {
    it('R19: takes up again what the node owns, under a new epoch; its earlier writes are lost', async () => {
      const saga = await anOwnedSaga(under.store);
      const again = await under.store.reclaim(saga.row.owner ?? '', saga.row.id);
      expect(again).toEqual({ ...saga, row: { ...saga.row, epoch: 2 } });
      await expect(under.store.checkpoint(nextCheckpoint(saga))).resolves.toEqual({ kind: 'lost' });
      const { owned } = await under.store.heartbeat(saga.row.owner ?? '', LEASE_MS);
      expect(owned).toEqual([{ sagaId: saga.row.id, epoch: 2, revision: 0 }]);
    });

    it('takes nothing that the node does not own', async () => {
      const saga = await anOwnedSaga(under.store);
      const node = await aNode(under.store);
      await expect(under.store.reclaim(node, saga.row.id)).resolves.toBeUndefined();
      await expect(under.store.reclaim(node, aSaga().instance.id)).resolves.toBeUndefined();
      expect(ownedIds((await under.store.heartbeat(node, LEASE_MS)).owned)).toEqual([]);
      expect(await stored(under.store, saga.row.id)).toEqual(saga);
    });
  });
}
