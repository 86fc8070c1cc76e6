/**
 * Messages that nobody took. What a child tells its parent stays: the parent waits for it, however long its row is held; unless the parent is
 * gone or emptied.
 *
 * Index: saga_mailbox_received, then the primary key. The parent of what a child tells is looked up by its primary key: with `exists` the planner may
 * read the whole table instead. Lock: the deleted rows; what a saga is taking is passed over.
 */
export const removeMail = (schema: string): string => `
with old as (
  select id from ${schema}.saga_mailbox
  where received_at < (select clock_timestamp()) - $1::float8 * interval '1 millisecond'
    and (channel <> 'child' or coalesce((select saga.emptied from ${schema}.saga_instance saga where saga.id = saga_id), true))
  order by received_at
  limit $2::int
  for update skip locked
)
delete from ${schema}.saga_mailbox as mail using old where mail.id = old.id
returning mail.id::text as id`;
