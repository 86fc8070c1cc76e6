import { rowColumns } from './columns.js';

/**
 * A saga's row, locked to the end of the transaction. Its journal is read by the next statement: read by this one, it would be as
 * it was before the wait for the lock.
 *
 * Index: the primary key. Lock: the row, exclusively, so that no checkpoint passes in between.
 */
export const lockSaga = (schema: string): string => `
select ${rowColumns('saga')} from ${schema}.saga_instance saga where saga.id = $1::uuid for update`;
