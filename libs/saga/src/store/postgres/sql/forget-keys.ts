import { agoIn } from './ended.js';

/** Emptied sagas whose keys need not be known any more. Index: saga_instance_emptied, then the primary key. Lock: the deleted rows; what somebody holds is passed over. */
export const forgetKeys = (schema: string): string => `
with old as (
  select id from ${schema}.saga_instance
  where emptied and ended_at <= ${agoIn('$1::float8')}
  order by ended_at, id
  limit $2::int
  for update skip locked
)
delete from ${schema}.saga_instance as saga using old where saga.id = old.id
returning saga.id::text as id`;
