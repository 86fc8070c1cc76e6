import { asTime } from './columns.js';

/**
 * A new saga with its first entries, unless its id, or its name and key, are there already: no row comes back then.
 *
 * Index: the primary key, saga_instance_name_key. Lock: none but those of the new rows; where another transaction is inserting
 * the same name and key it waits for that one's end, and `lock_timeout` bounds the wait.
 */
export const insertSaga = (schema: string): string => `
with created as (
  insert into ${schema}.saga_instance
    (id, name, version, hash, key, input_hash, status, pivot_begun, owner, epoch,
     wake_at, started_at, deadline_at, ended_at, input, metadata, failure, parent_id, parent_step, parent_item)
  values
    ($1::uuid, $2, $3::int, $4, $5, $6, $7, $8::boolean, $9, $10::int,
     ${asTime('$11::float8')}, ${asTime('$12::float8')}, ${asTime('$13::float8')}, ${asTime('$14::float8')}, $15::json, $16::json, $17::json,
     $21::uuid, $22, $23::int)
  on conflict do nothing
  returning id, owner, wake_at
), written as (
  insert into ${schema}.saga_journal (saga_id, sequence, epoch, at, body)
  select created.id, entry.sequence, $10::int, ${asTime('entry.at')}, entry.body::json
  from created cross join unnest($18::int[], $19::float8[], $20::text[]) as entry (sequence, at, body)
)
select coalesce(owner is null and wake_at <= clock_timestamp(), false) as due from created`;
