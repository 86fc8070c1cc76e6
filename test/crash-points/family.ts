import type { SagaStore, StoredSaga } from '../../libs/saga/src/store/saga-store.js';

/** A saga of a run: the one that was started, or a child of it, however deep. */
export interface Member {
  /** Alike in every run of a scenario: `saga`, `saga/ship[0]`. */
  readonly name: string;
  readonly stored: StoredSaga;
}

/** The saga of that key and all its children that are there. None: nothing was started. */
export async function familyOf(store: SagaStore, key: string): Promise<readonly Member[]> {
  const parent = (await store.list({ key, limit: 1 })).items[0];
  return parent === undefined ? [] : withChildren(store, { name: 'saga', stored: parent });
}

async function withChildren(store: SagaStore, parent: Member): Promise<readonly Member[]> {
  const family: Member[] = [parent];
  for (const entry of parent.stored.journal) {
    if (entry.kind !== 'child-chosen') continue;
    const stored = await store.load(entry.child.id);
    const name = `${parent.name}/${entry.step}${entry.item === undefined ? '' : `[${entry.item}]`}`;
    if (stored !== undefined) family.push(...(await withChildren(store, { name, stored })));
  }
  return family.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** All sagas of the store, the first one first: `1`, `1/ship[0]`, `2`. */
export async function familiesIn(store: SagaStore): Promise<readonly Member[]> {
  const sagas = (await store.list({ limit: 1000 })).items.toReversed();
  const children = new Set(sagas.flatMap(({ journal }) => journal.map((entry) => (entry.kind === 'child-chosen' ? entry.child.id : ''))));
  const parents = sagas.filter(({ row }) => !children.has(row.id));
  return (await Promise.all(parents.map(async (stored, index) => withChildren(store, { name: `${index + 1}`, stored })))).flat();
}
