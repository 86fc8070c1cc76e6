import { agoIn, endedFor } from './ended.js';

/**
 * Deletes what the families of the given roots hold, each family as a whole or not at all. [R31]
 *
 * Index: the primary keys, saga_instance_parent, saga_mailbox_signal and saga_mailbox_event. `offset 0` and the array keep the planner, which
 * takes a family for large, from reading a whole index, or the whole table, for the few that are looked for. Lock: the sagas' rows, and nothing is waited for.
 * A family of which somebody holds a row is left, and so is one of which a row was changed between this statement's snapshot and its lock:
 * the snapshot could lack what the change wrote into the journal. A message that somebody holds is left to the sweep of old mail.
 */
export const sweepFamilies = (schema: string): string => `
with recursive family (root, id, revision) as (
  select id, id, revision from ${schema}.saga_instance where id = any($1::uuid[])
  union
  select family.root, child.id, child.revision
  from family cross join lateral (
    select id, revision from ${schema}.saga_instance where parent_id = family.id offset 0
  ) as child
), locked as (
  select id, revision, name, key, emptied, key is null or coalesce(ended_at <= ${agoIn('$3::float8')}, false) as forgotten
  from ${schema}.saga_instance saga
  where id = any(array(select id from family)) and ${endedFor('saga', '$2::float8')}
  for update skip locked
), held as (
  select locked.*, family.root from locked join family on family.id = locked.id and family.revision = locked.revision
), whole as materialized (
  select root from (select root, 1 as taken from held union all select root, -1 from family) as member
  group by root having sum(taken) = 0
), swept as (
  select held.* from held join whole on whole.root = held.root
), signals as (
  select id from ${schema}.saga_mailbox where saga_id = any(array(select id from swept)) for update skip locked
), events as (
  select id from ${schema}.saga_mailbox
  where saga_id is null and (saga_name, saga_key) in (select name, key from swept where key is not null)
  for update skip locked
), unread as (
  delete from ${schema}.saga_mailbox as mail using (select id from signals union all select id from events) as old where mail.id = old.id
), journal as (
  delete from ${schema}.saga_journal as line using swept where line.saga_id = swept.id
), gone as (
  delete from ${schema}.saga_instance as saga using swept where saga.id = swept.id and swept.forgotten
), emptied as (
  update ${schema}.saga_instance as saga set emptied = true, input = 'null', metadata = '{}', failure = null
  from swept where saga.id = swept.id and not swept.forgotten and not swept.emptied
)
select count(*)::int as swept from swept where not emptied`;
