import { rowColumns } from './columns.js';

/** A saga's row. Index: saga_instance_name_key. Lock: none. */
export const findSagaByKey = (schema: string): string => `
select ${rowColumns('saga')} from ${schema}.saga_instance saga where saga.name = $1 and saga.key = $2`;
