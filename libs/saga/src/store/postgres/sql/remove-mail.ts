/**
 * Messages that nobody took. What a child tells its parent stays: the parent waits for it, however long its row is held; unless the parent is
 * gone or emptied. Index: saga_mailbox_received, and for what children tell saga_instance's primary key. Lock: the deleted rows; what a saga is taking is passed over.
 */
export const removeMail = (schema: string): string => `
with old as (
  select id from ${schema}.saga_mailbox
  where received_at < (select clock_timestamp()) - $1::float8 * interval '1 millisecond'
    and (channel <> 'child' or not exists (select from ${schema}.saga_instance saga where saga.id = saga_id and not saga.emptied))
  order by received_at
  limit $2::int
  for update skip locked
)
delete from ${schema}.saga_mailbox as mail using old where mail.id = old.id
returning mail.id::text as id`;
