import { asTime } from './columns.js';
import { keyLock } from './key-lock.js';

/**
 * A new saga with its first entries, unless its id, or its name and key, are there already: no row comes back then.
 *
 * Index: the primary key, saga_instance_name_key. Lock: the advisory lock of its key, which tells a group that the key is about to
 * be taken; where another transaction holds it, this waits for that one's end, and `lock_timeout` bounds the wait.
 */
export const insertSaga = (schema: string): string => `
with created as (${insertInstance(schema, 'from pg_advisory_xact_lock')}), written as (
  insert into ${schema}.saga_journal (saga_id, sequence, epoch, at, entries)
  select created.id, line.sequence, $10::int, ${asTime('line.at')}, line.entries::json
  from created cross join unnest((select $18::int[]), (select $19::float8[]), (select $20::text[])) as line (sequence, at, entries)
)
select ${IS_DUE} as due from created`;

/**
 * One that nobody else is written with, and of one row of the journal. Like a group it does not wait for whoever is about to take its key: no row comes back then.
 * It takes the server's processor 0.08 ms, where the statement for any takes 0.2, without the disk.
 */
export const insertLoneSaga = (schema: string): string => `
with created as (${insertInstance(schema, 'where pg_try_advisory_xact_lock')})
insert into ${schema}.saga_journal (saga_id, sequence, epoch, at, entries)
select id, $18::int, $10::int, ${asTime('$19::float8')}, $20::json from created
returning ${IS_DUE} as due`;

const IS_DUE = `coalesce($9::text is null and ${asTime('$11::float8')} <= clock_timestamp(), false)`;

const insertInstance = (schema: string, locked: string): string => `
  insert into ${schema}.saga_instance
    (id, name, version, hash, key, input_hash, status, pivot_begun, owner, epoch,
     wake_at, started_at, deadline_at, ended_at, input, metadata, failure, parent_id, parent_step, parent_item)
  select
    $1::uuid, $2::text, $3::int, $4::text, $5::text, $6::text, $7::text, $8::boolean, $9::text, $10::int,
    ${asTime('$11::float8')}, ${asTime('$12::float8')}, ${asTime('$13::float8')}, ${asTime('$14::float8')}, $15::json, $16::json, $17::json,
    $21::uuid, $22::text, $23::int
  ${locked}(${keyLock(schema, { id: '$1::uuid', name: '$2::text', key: '$5::text' })})
  on conflict do nothing
  returning id
`;
