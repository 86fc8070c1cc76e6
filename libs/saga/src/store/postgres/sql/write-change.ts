import { asTime } from './columns.js';

/**
 * A change from outside, in the transaction that locked the row. Gives that transaction's id, by which a lost answer to its commit
 * can be asked for again. Without a status the row says of the saga what it said.
 *
 * Index: the primary keys. Lock: the saga's row is held already.
 */
export const writeChange = (schema: string): string => `
with written as (
  insert into ${schema}.saga_journal (saga_id, sequence, epoch, at, entries)
  select $1::uuid, line.sequence, null, ${asTime('line.at')}, line.entries::json
  from unnest($2::int[], $3::float8[], $4::text[]) as line (sequence, at, entries)
)
update ${schema}.saga_instance as saga
set revision = revision + 1, paused = coalesce($5::boolean, paused), wake_at = case when owner is null then ${asTime('$6::float8')} else wake_at end,
    status = coalesce($7::text, status),
    failure = case when $7::text is null then failure else $8::json end,
    pivot_begun = coalesce($9::boolean, pivot_begun),
    ended_at = case when $7::text is null then ended_at else ${asTime('$10::float8')} end
where saga.id = $1::uuid
returning pg_current_xact_id()::text as transaction_id`;
