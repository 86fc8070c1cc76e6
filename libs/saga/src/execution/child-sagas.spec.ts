import type { SagaRegistry } from '../definition/saga-registry.js';
import type { RegisteredSaga } from '../definition/registered-saga.js';
import { instanceOf, pivot, sagaOf, step } from '../planning/definition.fixture.js';
import type { Definition } from '../planning/definition.js';
import { fold } from '../planning/fold.js';
import type { ChildChoice, EntryBody } from '../planning/journal.js';
import { InMemorySagaStore } from '../store/in-memory/in-memory-saga-store.js';
import { ChildSagas } from './child-sagas.js';
import { progressOf } from './progress.js';
import { SagaClock } from './saga-clock.js';

const CHILD_ID = '0197a000-0000-7000-8000-00000000000c';
const parent = { ...instanceOf(sagaOf(step('order'))), id: '0197a000-0000-7000-8000-00000000000a' };

/** A child of a step, as a node finds it that knows these definitions, or none. */
function childOf(definition: Definition, { key = null, known = true }: { readonly key?: string | null; readonly known?: boolean } = {}) {
  const store = new InMemorySagaStore();
  const choice: ChildChoice = {
    id: CHILD_ID,
    name: definition.name,
    version: definition.version,
    key,
    input: {},
    hash: 'hash',
    timeoutMs: 60,
  };
  const registry = { get: () => (known ? ({ definition } as RegisteredSaga) : undefined) } as unknown as SagaRegistry;
  const children = new ChildSagas({ store, clock: new SagaClock(), registry, observe: () => undefined });
  const write = async (id: string, ...bodies: readonly EntryBody[]) => {
    const entries = bodies.map((body, index) => ({ ...body, sequence: index + 1, at: 0 }));
    const instance = { ...instanceOf(definition), id, key };
    await store.start({ instance, hash: '', inputHash: '', entries, progress: progressOf(fold(entries), null), owner: null });
  };
  return { children, child: { parent, node: { step: 'order' }, choice }, store, write };
}

describe('starting a child', () => {
  it('R23, R31: one that another node chose is started also where its class is not known, for a node that knows it', async () => {
    const { children, child, store } = childOf(sagaOf(step('book')), { known: false });
    await expect(children.start(child)).resolves.toEqual({ kind: 'left-to-child' });
    const row = await store.find(CHILD_ID);
    expect(row).toMatchObject({ status: 'pending', owner: null, hash: 'hash', parent: { sagaId: parent.id, step: 'order' } });
    expect(Number(row?.deadlineAt) - Number(row?.startedAt)).toBe(60);
  });

  it('R25, R31: whose key the child of an earlier round keeps, it says so', async () => {
    const { children, child, store } = childOf(sagaOf(step('book')), { key: 'k' });
    await children.undo(child, 'it unwinds');
    const next = { ...child, choice: { ...child.choice, id: '0197a000-0000-7000-8000-00000000000e' } };
    const end = await children.start(next);
    expect(end).toMatchObject({ kind: 'threw', effect: 'none', retryable: false });
    expect(JSON.stringify(end)).toContain('is the child of an earlier round (');
    expect(await store.find(next.choice.id)).toBeUndefined();
  });
});

describe('recalling a child', () => {
  it('R31: a node tells each child once, however often its parent is taken up', async () => {
    const { children, child, store } = childOf(sagaOf(step('book')));
    await children.start(child);
    let changes = 0;
    const change = store.change.bind(store);
    store.change = async (...given) => {
      changes += 1;
      return change(...given);
    };
    expect(children.hasTold(CHILD_ID)).toBe(false);
    await children.recall(child, 'it unwinds');
    await children.recall(child, 'it unwinds');
    expect(changes).toBe(1);
    expect(children.hasTold(CHILD_ID)).toBe(true);
    expect((await store.load(CHILD_ID))?.journal.map(({ kind }) => kind)).toEqual(['saga-started', 'cancel-requested']);
  });
});

describe('undoing a child', () => {
  it('R14, R31: one that a dead node was about to start begins nothing, now or later, whether or not its class is known here', async () => {
    for (const known of [true, false]) {
      const { children, child, store } = childOf(sagaOf(step('book')), { known });
      await expect(children.undo(child, 'it unwinds')).resolves.toEqual({ kind: 'returned' });
      const { row } = (await store.load(CHILD_ID)) ?? {};
      expect(row).toMatchObject({ status: 'compensated', wakeAt: null, failure: { kind: 'cancelled', message: 'it unwinds' } });
      // The dead node lives, and starts it.
      await children.start(child);
      expect((await store.find(CHILD_ID))?.status).toBe('compensated');
      await expect(children.undo(child, 'it unwinds')).resolves.toEqual({ kind: 'returned' });
    }
  });

  it('R31: one whose key is another saga’s was never started, and there is nothing to wait for', async () => {
    const { children, child, store, write } = childOf(sagaOf(step('book')), { key: 'k' });
    await write('0197a000-0000-7000-8000-00000000000d', { kind: 'saga-started' });
    await expect(children.undo(child, 'it unwinds')).resolves.toEqual({ kind: 'returned' });
    expect(await store.find(CHILD_ID)).toBeUndefined();
  });

  it('R31: one that has passed its pivot has no way back, and is not waited for', async () => {
    const { children, child, write } = childOf(sagaOf(pivot('sell')));
    const attempt = { step: 'sell', direction: 'forward', attempt: 1 } as const;
    await write(
      CHILD_ID,
      { kind: 'saga-started' },
      { kind: 'attempt-started', ...attempt, pivot: true },
      { kind: 'step-succeeded', step: 'sell' },
      { kind: 'saga-completed' },
    );
    const end = await children.undo(child, 'it unwinds');
    expect(end).toMatchObject({ kind: 'refused', error: { code: 'SAGA_CHILD' } });
  });
});
