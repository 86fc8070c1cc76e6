/**
 * Sagas of the given owners become nobody's, and due: also one that has ended, which an operator may be taking back.
 *
 * Index: saga_instance_owner, then the primary key. Lock: the rows, in batches; what is locked is passed over, and freed by the next call. Owners are compared
 * by their ids alone, which are never used again: whoever owns a row by the time it is locked is not taken for another.
 */
export const releaseSagas = (schema: string): string => `
with held as (
  select id from ${schema}.saga_instance where owner = any($1::text[]) limit $2::int for no key update skip locked
)
update ${schema}.saga_instance as saga set owner = null, wake_at = clock_timestamp()
from held where saga.id = held.id
returning saga.id::text as id`;
