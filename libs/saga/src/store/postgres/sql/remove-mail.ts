/** Messages that nobody took. What a child tells its parent stays: the parent waits for it, however long its row is held. Index: saga_mailbox_received. Lock: the deleted rows; what a saga is taking is passed over. */
export const removeMail = (schema: string): string => `
with old as (
  select id from ${schema}.saga_mailbox
  where received_at < (select clock_timestamp()) - $1::float8 * interval '1 millisecond'
    and channel <> 'child'
  order by received_at
  limit $2::int
  for update skip locked
)
delete from ${schema}.saga_mailbox as mail using old where mail.id = old.id
returning mail.id::text as id`;
