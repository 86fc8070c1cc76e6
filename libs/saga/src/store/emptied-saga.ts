import type { SagaRow } from './saga-store.js';
import { SagaStoreError } from './store-errors.js';

/** Entries after a journal that is gone would fold to a saga that never was. */
export function assertNotEmptied({ id, name, emptied }: SagaRow): void {
  if (emptied)
    throw new SagaStoreError(`${name} ${id} has ended, and its journal was deleted after its retention. Nothing was changed.`, {
      saga: name,
      sagaId: id,
    });
}
