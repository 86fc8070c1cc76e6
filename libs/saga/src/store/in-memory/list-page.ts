import { decodeCursor, encodeCursor, type ListPosition } from '../list-cursor.js';
import type { SagaFilter, SagaRow, StoredSaga } from '../saga-store.js';

/** One page of the sagas that pass the filter, newest first. */
export function listPage(
  sagas: Iterable<StoredSaga>,
  filter: SagaFilter,
): { readonly items: readonly StoredSaga[]; readonly next?: string } {
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor);
  const matching = [...sagas]
    .filter(({ row }) => passes(row, filter) && (after === undefined || newestFirst(after, row) < 0))
    .toSorted((left, right) => newestFirst(left.row, right.row));
  const items = matching.slice(0, filter.limit);
  const last = items.at(-1);
  return matching.length > items.length && last !== undefined ? { items, next: encodeCursor(last.row) } : { items };
}

function passes(row: SagaRow, { name, statuses, key, startedAfter, startedBefore }: SagaFilter): boolean {
  return (
    (name === undefined || row.name === name) &&
    (statuses === undefined || statuses.includes(row.status)) &&
    (key === undefined || row.key === key) &&
    (startedAfter === undefined || row.startedAt > startedAfter) &&
    (startedBefore === undefined || row.startedAt < startedBefore)
  );
}

function newestFirst(left: ListPosition, right: ListPosition): number {
  if (left.startedAt !== right.startedAt) return right.startedAt - left.startedAt;
  if (left.id === right.id) return 0;
  return left.id < right.id ? 1 : -1;
}
