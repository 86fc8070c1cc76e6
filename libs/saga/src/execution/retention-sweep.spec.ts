import { aSaga, idsOf, RUNNING } from '../store/conformance/store-under-test.js';
import { InMemorySagaStore } from '../store/in-memory/in-memory-saga-store.js';
import type { RetentionStore } from '../store/retention.js';
import type { Observation } from './observation.js';
import { RetentionSweep } from './retention-sweep.js';

const HOUR_MS = 3_600_000;
const KEEPING = { retentionMs: HOUR_MS, keyRetentionMs: 2 * HOUR_MS };
const STARTED_AT = 1_700_000_000_000;

async function manyEnded(count: number) {
  let now = STARTED_AT;
  const store = new InMemorySagaStore({ now: () => now });
  for (let index = 0; index < count; index += 1) {
    const progress = { ...RUNNING, status: 'completed', endedAt: now + index } as const;
    await store.start(aSaga({ instance: { key: index % 2 === 0 ? `k-${index}` : null }, progress }));
  }
  return { store, pass: (ms: number) => void (now += ms) };
}

/** A store whose node dies at its batch of this number. */
function dyingAt(batch: number, retention: RetentionStore): RetentionStore {
  let batches = 0;
  return {
    sweep: async (...given) => {
      batches += 1;
      if (batches === batch) throw new Error('dead');
      return retention.sweep(...given);
    },
    forgetKeys: async (...given) => retention.forgetKeys(...given),
  };
}

describe('RetentionSweep', () => {
  const left = async (store: InMemorySagaStore) => (await store.list({ limit: 1_000 })).items;

  it('R6: goes through all that is due, batch by batch, and says how much it was', async () => {
    const { store, pass } = await manyEnded(450);
    const said: Observation[] = [];
    const sweep = new RetentionSweep(store.retention, KEEPING, (one) => said.push(one));
    await sweep.sweep();
    expect(said).toEqual([]);
    pass(HOUR_MS + 1_000);
    await sweep.sweep();
    expect((await left(store)).map(({ row }) => row.emptied)).toEqual(Array(225).fill(true));
    pass(HOUR_MS);
    await sweep.sweep();
    expect(await left(store)).toEqual([]);
    expect(said).toEqual([
      { kind: 'swept', sagas: 450, keys: 0 },
      { kind: 'swept', sagas: 0, keys: 225 },
    ]);
  });

  it('R6, R19: a node that dies between two batches leaves each saga whole or deleted, and the next sweep does the rest', async () => {
    const { store, pass } = await manyEnded(450);
    pass(HOUR_MS + 1_000);
    await expect(new RetentionSweep(dyingAt(3, store.retention), KEEPING, () => undefined).sweep()).rejects.toThrow('dead');
    const between = await left(store);
    expect(between).toHaveLength(350);
    for (const { row, journal } of between) expect(journal).toHaveLength(row.emptied ? 0 : 1);
    await new RetentionSweep(store.retention, KEEPING, () => undefined).sweep();
    expect((await left(store)).map(({ row }) => row.emptied)).toEqual(Array(225).fill(true));
  });

  it('R22: ends after the batch that is under way when its node stops', async () => {
    const { store, pass } = await manyEnded(450);
    pass(HOUR_MS + 1_000);
    await new RetentionSweep(store.retention, KEEPING, () => undefined).sweep(() => false);
    expect(idsOf(await left(store))).toHaveLength(400);
  });
});
