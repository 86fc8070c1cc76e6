import { type ProvidedSaga, SagaRegistry } from '../definition/saga-registry.js';
import { sagaOf, step } from '../planning/definition.fixture.js';
import type { Definition } from '../planning/definition.js';
import type { EntryBody } from '../planning/journal.js';
import { aSaga, anEntry, ORDER, requested, stored } from '../store/conformance/store-under-test.js';
import { InMemorySagaStore } from '../store/in-memory/in-memory-saga-store.js';
import type { StoredSaga } from '../store/saga-store.js';
import { DEFINITION_LOOK_MS } from './execution-options.js';
import type { Observation } from './observation.js';
import type { SagaClock } from './saga-clock.js';
import { SagaIntake } from './saga-intake.js';
import { SagaVersions } from './saga-versions.js';

const NODE = 'node';
const PACKING: EntryBody = { kind: 'attempt-started', step: 'pack', direction: 'forward', attempt: 1 };

/** A node whose definition lacks a step that has begun, and a saga that it has claimed. */
async function begin() {
  let now = Date.now();
  const store = new InMemorySagaStore({ now: () => now });
  await store.registerGraphs([{ hash: 'before', steps: sagaOf(step('pack')).steps }]);
  await store.registerNode(NODE, 10 * DEFINITION_LOOK_MS);
  const started = { ...aSaga({}), hash: 'before', entries: [anEntry(1, { kind: 'saga-started' }), anEntry(2, PACKING)] };
  await store.start(started);
  const registry = new SagaRegistry();
  const definition = { ...sagaOf(step('post')), ...ORDER, hash: 'now' };
  registry.fill([definition].map(provided));
  const seen: Observation[] = [];
  const intake = new SagaIntake({
    store,
    clock: { now: () => now } as SagaClock,
    versions: new SagaVersions(store, registry),
    observe: (observation) => seen.push(observation),
  });
  const { id } = started.instance;
  return {
    store,
    id,
    intake,
    leftAlone: () => seen.filter(({ kind }) => kind === 'left-alone'),
    started: () => seen.filter((one) => one.kind === 'recorded' && one.entry.kind === 'saga-started'),
    wait: () => (now += DEFINITION_LOOK_MS),
    now: () => now,
    claim: async (): Promise<StoredSaga | undefined> => (await store.claim(NODE, 1, [ORDER]))[0],
  };
}

const provided = (definition: Definition): ProvidedSaga => ({
  saga: {
    type: class {},
    definition,
    methods: new Map([['post', { action: 'post' }]]),
    startRules: [],
    awaitedEvents: [],
    signals: new Set(),
  },
  instances: () => ({}),
});

describe('SagaIntake', () => {
  it('R23: a saga that does not fit is given back as it was, for a while, and is told of once', async () => {
    const { store, id, intake, leftAlone, wait, now, claim } = await begin();
    const before = await stored(store, id);
    for (let looks = 0; looks < 3; looks += 1) {
      const claimed = await claim();
      expect(await intake.read(claimed!)).toBeUndefined();
      expect(await claim()).toBeUndefined();
      const { row, journal } = await stored(store, id);
      expect(journal).toEqual(before.journal);
      expect(row).toEqual({ ...before.row, epoch: looks + 1, wakeAt: now() + DEFINITION_LOOK_MS });
      wait();
    }
    expect(leftAlone()).toEqual([
      { kind: 'left-alone', saga: expect.objectContaining({ id }), step: 'pack', why: expect.stringContaining('pack has begun') },
    ]);
  });

  it('R23: it is given back, too, where somebody changed it after it was claimed', async () => {
    const { store, id, intake, leftAlone, started, claim } = await begin();
    const claimed = await claim();
    await store.change(id, ({ journal }) => ({ entries: [requested(journal.length + 1)], wakeAt: null }));
    expect(await intake.read(claimed!)).toBeUndefined();
    expect(await stored(store, id)).toMatchObject({ row: { owner: null, revision: 1 }, journal: { length: 3 } });
    expect(leftAlone()).toHaveLength(1);
    expect(started()).toHaveLength(1);
  });

  it('R18: what another node has claimed meanwhile is left to it', async () => {
    const { store, id, intake, claim } = await begin();
    const claimed = await claim();
    await store.removeNode(NODE);
    await store.registerNode('another', DEFINITION_LOOK_MS);
    await store.claim('another', 1, [ORDER]);
    expect(await intake.read(claimed!)).toBeUndefined();
    expect((await stored(store, id)).row.owner).toBe('another');
  });
});
