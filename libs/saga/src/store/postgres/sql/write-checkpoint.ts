import { asTime } from './columns.js';

/**
 * A checkpoint: the fence, the entries and the row, in one round trip. A row comes back if it passed, and none if it did not.
 * Messages for other sagas go to their mailbox: no other saga's row is touched.
 *
 * Index: the primary key, and never saga_instance_owner, which cannot serve this comparison of owners. Lock: the saga's row, `for no key update`; it waits for whoever holds it, and then looks at owner, epoch and
 * revision as that one left them. The row is written only where something in it changes: its input would go to the WAL each time.
 */
export const writeCheckpoint = (schema: string): string => checkpointStatement(schema);

/** One that posts messages, too: a statement of its own, because nearly every checkpoint has none and would plan it all the same. */
export const writeCheckpointWithMail = (schema: string): string =>
  checkpointStatement(
    schema,
    `posted as (
  insert into ${schema}.saga_mailbox (id, saga_id, channel, message, payload)
  select mail.id, mail.saga_id, mail.channel, mail.message, mail.payload::json
  from saga cross join unnest($14::uuid[], $15::uuid[], $16::text[], $17::text[], $18::text[]) as mail (id, saga_id, channel, message, payload)
), `,
  );

/** The lists stand in subqueries, where the planner does not see how short they are: it would plan each time that a prepared one is run. */
const checkpointStatement = (schema: string, posted = ''): string => `
with saga as (
  select id from ${schema}.saga_instance
  where id = $1::uuid and owner is not distinct from $2 and epoch = $3::int and revision = $4::int
  for no key update
), written as (
  insert into ${schema}.saga_journal (saga_id, sequence, epoch, at, entries)
  select saga.id, line.sequence, $3::int, ${asTime('line.at')}, line.entries::json
  from saga cross join unnest((select $5::int[]), (select $6::float8[]), (select $7::text[])) as line (sequence, at, entries)
), ${posted}moved as (
  update ${schema}.saga_instance as instance
  set status = $8, failure = $9::json, pivot_begun = $10::boolean, wake_at = ${asTime('$11::float8')}, ended_at = ${asTime('$12::float8')},
      owner = case when $13::boolean then null else instance.owner end
  from saga
  where instance.id = saga.id
    and ($13::boolean or (instance.status, instance.failure::text, instance.pivot_begun, instance.wake_at, instance.ended_at)
      is distinct from ($8, $9::text, $10::boolean, ${asTime('$11::float8')}, ${asTime('$12::float8')}))
)
select coalesce($13::boolean and ${asTime('$11::float8')} <= clock_timestamp(), false) as due from saga`;
