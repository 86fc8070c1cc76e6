import { aSaga, anOwnedSaga, nextCheckpoint } from '../conformance/store-under-test.js';
import { describeSagaStore } from '../saga-store.conformance.js';
import { InMemorySagaStore } from './in-memory-saga-store.js';

function makeStore() {
  let time = Date.now();
  const store = new InMemorySagaStore({ now: () => time });
  return { store, another: async () => store, pass: async (ms: number) => void (time += ms), close: () => store.close() };
}

describeSagaStore('InMemorySagaStore', async () => makeStore());

describe('InMemorySagaStore', () => {
  it('says that it has no transactions that a checkpoint could join', async () => {
    const { store } = makeStore();
    const saga = await anOwnedSaga(store);
    await expect(store.checkpoint(nextCheckpoint(saga), {} as never)).rejects.toThrow(
      "store: 'memory' has no transactions that a checkpoint could join",
    );
    await expect(store.start(aSaga(), {} as never)).rejects.toThrow("store: 'memory' has no transactions that a start could join");
  });

  it('gives a transactional step a manager that says why it cannot be used', async () => {
    const { store } = makeStore();
    const step = store.transaction(async (manager) => void (await manager.query('select 1')));
    await expect(step).rejects.toThrow(
      "store: 'memory' has no database, so this transactional step has no transaction to work in. Use PostgreSQL",
    );
    await expect(store.transaction(async (manager) => void (await Promise.resolve(manager)))).resolves.toBeUndefined();
  });
});
