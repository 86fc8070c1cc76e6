import { rowColumns } from './columns.js';

/** A saga's row. Index: the primary key. Lock: none. */
export const findSaga = (schema: string): string => `
select ${rowColumns('saga')} from ${schema}.saga_instance saga where saga.id = $1::uuid`;
