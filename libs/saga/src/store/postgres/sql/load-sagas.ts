import { journalColumn, rowColumns } from './columns.js';

/**
 * Sagas by id, each with its journal, as one snapshot: revision and journal belong together. With an owner, only what that one owns.
 * Index: the primary keys, and never saga_instance_owner, which cannot serve this comparison of owners. Lock: none.
 */
export const loadSagas = (schema: string): string => `
select ${rowColumns('saga')}, ${journalColumn(schema, 'saga.id')}
from ${schema}.saga_instance saga
where saga.id = any($1::uuid[]) and ($2::text is null or saga.owner is not distinct from $2)`;
