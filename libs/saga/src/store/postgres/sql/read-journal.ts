import { asMs } from './columns.js';

/** A saga's journal from a sequence on, in order. Index: the primary key. Lock: none. */
export const readJournalFrom = (schema: string): string => `
select sequence, ${asMs('at')} as at, epoch, entries::text as entries
from ${schema}.saga_journal
where saga_id = $1::uuid and sequence >= $2::int
order by sequence`;
