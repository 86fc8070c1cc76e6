import type { OverdueSagas, StoredSaga } from '../saga-store.js';

/** Counts what was due before `since` and is nobody's, by definition. */
export function overdueSagas(sagas: Iterable<StoredSaga>, since: number): readonly OverdueSagas[] {
  const counts = new Map<string, OverdueSagas>();
  for (const { row } of sagas) {
    const { name, version, owner, wakeAt } = row;
    if (owner !== null || wakeAt === null || wakeAt > since) continue;
    const key = `${name} ${version}`;
    counts.set(key, { name, version, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].toSorted((a, b) => a.name.localeCompare(b.name) || a.version - b.version);
}
