import type { SagaFilter } from '../saga-store.js';
import {
  anEntry,
  anOwnedSaga,
  aSaga,
  idsOf,
  type MakeStore,
  nextCheckpoint,
  RUNNING,
  stored,
  type StoreUnderTest,
} from './store-under-test.js';

/** What a careless store mends, sorts or drops: order of keys, characters beyond the BMP, escapes, large and small numbers. */
const AWKWARD = {
  zebra: 1,
  alpha: { 10: 'ten', 9: 'nine', z: null, a: [] },
  text: 'naïve — 漢字 🍵 \u2028 "quoted" \\ back\nslash \u0001',
  'a key with "quotes" and 🍵': true,
  numbers: [0, -1, 1.5, 1e21, 5e-324, 9007199254740991],
  nothing: {},
  $date: { $object: {} },
};

export function describeReading(makeStore: MakeStore): void {
  describe('values', () => {
    let under: StoreUnderTest;
    beforeAll(async () => void (under = await makeStore()));
    afterAll(() => under.close());

    it('R2: come back as they were given, keys in the same order', async () => {
      const metadata = { zone: 'eu', actor: 'café 🍵' };
      const saga = await anOwnedSaga(under.store, { instance: { input: AWKWARD, metadata } });
      const result = anEntry(2, { kind: 'step-succeeded', step: 'reserve', item: 3, result: AWKWARD });
      const failure = { kind: 'rejected', message: 'naïve 🍵', details: AWKWARD, left: [{ step: 'b', why: 'a' }] } as const;
      await under.store.checkpoint(nextCheckpoint(saga, { entries: [result], progress: { ...RUNNING, failure } }));
      const { row, journal } = await stored(under.store, saga.row.id);
      expect(JSON.stringify([row.input, row.metadata, row.failure])).toBe(JSON.stringify([AWKWARD, metadata, failure]));
      expect(JSON.stringify(journal[1])).toBe(JSON.stringify(result));
    });

    it.each([[null], [false], [0], [''], ['"quoted"'], [[]], [[1, [2]]]])('R2: %j alone is a value', async (input) => {
      const saga = await anOwnedSaga(under.store, { instance: { input } });
      expect(saga.row.input).toEqual(input);
    });

    it('R5: large ones survive', async () => {
      const input = { text: '漢字🍵'.repeat(30_000) };
      const saga = await anOwnedSaga(under.store, { instance: { input } });
      expect(saga.row.input).toEqual(input);
    });

    it('share nothing by reference with what was given or read before', async () => {
      const input: { lines: number[] } = { lines: [1] };
      const saga = await anOwnedSaga(under.store, { instance: { input } });
      input.lines.push(2);
      (saga.row.input as typeof input).lines.push(3);
      expect((await under.store.find(saga.row.id))?.input).toEqual({ lines: [1] });
    });
  });

  describe('load, find, findByKey', () => {
    let under: StoreUnderTest;
    beforeAll(async () => void (under = await makeStore()));
    afterAll(() => under.close());

    it('find the row, and the whole journal in order', async () => {
      const saga = await anOwnedSaga(under.store, { instance: { key: 'k' } });
      const entries = Array.from({ length: 12 }, (_none, index) => anEntry(index + 2));
      await under.store.checkpoint(nextCheckpoint(saga, { entries }));
      const { row, journal } = await stored(under.store, saga.row.id);
      expect(journal).toEqual([...saga.journal, ...entries]);
      await expect(under.store.find(saga.row.id)).resolves.toEqual(row);
      await expect(under.store.findByKey('place-order', 'k')).resolves.toEqual(row);
    });

    it('are undefined where nothing is', async () => {
      for (const id of [aSaga().instance.id, 'not an id at all', '']) {
        await expect(under.store.load(id)).resolves.toBeUndefined();
        await expect(under.store.find(id)).resolves.toBeUndefined();
      }
      await expect(under.store.findByKey('place-order', 'no such key')).resolves.toBeUndefined();
    });
  });

  describe('list', () => {
    let under: StoreUnderTest;
    beforeAll(async () => {
      under = await makeStore();
      for (const [index, status] of (['pending', 'running', 'completed', 'running', 'stuck'] as const).entries()) {
        const instance = {
          key: `k-${index}`,
          name: index === 4 ? 'return-order' : 'place-order',
          startedAt: 1_000 + Math.floor(index / 2) * 100,
        };
        await under.store.start(aSaga({ instance, progress: { ...RUNNING, status } }));
      }
    });
    afterAll(() => under.close());

    const keys = async (filter: Partial<SagaFilter>): Promise<string[]> =>
      (await under.store.list({ limit: 10, ...filter })).items.map(({ row }) => String(row.key)).toSorted();

    it('gives the newest first, with their journals', async () => {
      const { items, next } = await under.store.list({ limit: 10 });
      expect(items.map(({ row }) => row.startedAt)).toEqual([1_200, 1_100, 1_100, 1_000, 1_000]);
      expect(items.every(({ journal }) => journal[0]?.kind === 'saga-started')).toBe(true);
      expect(next).toBeUndefined();
    });

    it('pages through all of them, each once, also those of one millisecond', async () => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await under.store.list({ limit: 2, ...(cursor !== undefined && { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...idsOf(page.items));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen).toEqual(idsOf((await under.store.list({ limit: 10 })).items));
    });

    it('filters by name, statuses, key and time', async () => {
      await expect(keys({ name: 'return-order' })).resolves.toEqual(['k-4']);
      await expect(keys({ statuses: ['running', 'stuck'] })).resolves.toEqual(['k-1', 'k-3', 'k-4']);
      await expect(keys({ key: 'k-2' })).resolves.toEqual(['k-2']);
      await expect(keys({ startedAfter: 1_000 })).resolves.toEqual(['k-2', 'k-3', 'k-4']);
      await expect(keys({ startedBefore: 1_200, startedAfter: 1_000 })).resolves.toEqual(['k-2', 'k-3']);
      await expect(keys({ name: 'place-order', statuses: ['running'], startedBefore: 1_100 })).resolves.toEqual(['k-1']);
    });

    it('refuses a cursor that is none', async () => {
      await expect(under.store.list({ limit: 1, cursor: 'nonsense' })).rejects.toMatchObject({ code: 'SAGA_STORE' });
    });
  });

  describe('close', () => {
    it('is idempotent', async () => {
      const under = await makeStore();
      await under.store.close();
      await under.store.close();
      await under.close();
    });
  });
}
