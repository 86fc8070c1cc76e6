import type { RegisteredSaga } from '../definition/registered-saga.js';
import { SagaRegistry } from '../definition/saga-registry.js';
import { sagaOf, step } from '../planning/definition.fixture.js';
import type { Definition } from '../planning/definition.js';
import { fold } from '../planning/fold.js';
import type { EntryBody } from '../planning/journal.js';
import type { SagaState } from '../planning/state.js';
import { InMemorySagaStore } from '../store/in-memory/in-memory-saga-store.js';
import { SagaVersions } from './saga-versions.js';

const BEFORE: Definition = { ...sagaOf(step('reserve'), step('charge')), hash: 'before' };
const NOW: Definition = { ...sagaOf(step('hold', { was: ['reserve'] }), step('charge')), hash: 'now' };

const versionsOf = (store: InMemorySagaStore, ...definitions: readonly Definition[]): SagaVersions => {
  const registry = new SagaRegistry();
  registry.fill(
    definitions.map((definition) => {
      const methods = new Map(definition.steps.map(({ name }) => [name, { action: name }]));
      const saga: RegisteredSaga = { type: class {}, definition, methods, startRules: [], awaitedEvents: [], signals: new Set() };
      return { saga, instances: () => ({}) };
    }),
  );
  return new SagaVersions(store, registry);
};

const after = (...bodies: readonly EntryBody[]): SagaState =>
  fold([{ kind: 'saga-started' } as const, ...bodies].map((body, index) => ({ ...body, sequence: index + 1, at: 0 })));

const RESERVING = { kind: 'attempt-started', step: 'reserve', direction: 'forward', attempt: 1 } as const;
const row = { name: 'order', version: 1, hash: 'before' };

describe('SagaVersions', () => {
  it('R23: a graph that nobody registered is not guessed at', async () => {
    const store = new InMemorySagaStore();
    const versions = versionsOf(store, NOW);
    await versions.register();
    const unknown = { kind: 'unknown', why: 'no node has registered the graph that it ran under' };
    expect(await versions.standingOf(row, after(RESERVING))).toEqual(unknown);
    await versionsOf(store, BEFORE).register();
    expect(await versions.standingOf(row, after(RESERVING))).toMatchObject({ kind: 'known' });
  });

  it('R23: a saga whose class is not here is unknown', async () => {
    const versions = versionsOf(new InMemorySagaStore(), BEFORE);
    const why = 'no class here is order, version 2';
    expect(await versions.standingOf({ ...row, version: 2 }, after())).toEqual({ kind: 'unknown', why });
  });

  it('asks the store for nothing where the graph is the same', async () => {
    const store = new InMemorySagaStore();
    store.findGraph = async () => Promise.reject(new Error('asked'));
    const versions = versionsOf(store, BEFORE);
    const standing = await versions.standingOf(row, after(RESERVING));
    expect(standing).toMatchObject({ kind: 'known', registered: { definition: BEFORE } });
    expect(standing).not.toHaveProperty('changedTo');
  });

  it('R23: a graph with renamed steps is registered when a saga goes on under it, and another node knows it', async () => {
    const store = new InMemorySagaStore();
    await versionsOf(store, BEFORE).register();
    const versions = versionsOf(store, NOW);
    const standing = await versions.standingOf(row, after(RESERVING));
    if (standing.kind !== 'known' || standing.changedTo === undefined) throw new Error(`It is ${standing.kind}`);
    expect(standing.registered.definition.steps).toMatchObject([{ name: 'reserve' }, { name: 'charge', after: ['reserve'] }]);
    expect(standing.registered.methods.get('reserve')).toEqual({ action: 'hold' });
    await versions.remember(standing.registered);

    const changed = after(RESERVING, { kind: 'definition-changed', hash: standing.changedTo });
    const other = await versionsOf(store, BEFORE).standingOf(row, changed);
    expect(other).toMatchObject({ kind: 'known', registered: { definition: BEFORE }, changedTo: 'before' });
    expect(await versions.standingOf(row, changed)).not.toHaveProperty('changedTo');
  });

  it('R4: a step that the graph does not have was written by somebody else', async () => {
    const store = new InMemorySagaStore();
    await versionsOf(store, BEFORE).register();
    const stranger = after({ ...RESERVING, step: 'train' });
    for (const definition of [BEFORE, NOW])
      expect(await versionsOf(store, definition).standingOf(row, stranger)).toEqual({ kind: 'damaged', step: 'train' });
  });
});
