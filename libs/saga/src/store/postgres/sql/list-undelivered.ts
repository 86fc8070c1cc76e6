/** Addresses of messages that nobody has taken or parked for a while. Index: saga_mailbox_undelivered. Lock: none. */
export const listUndelivered = (schema: string): string => `
select distinct saga_id::text as saga_id, saga_name, saga_key from (
  select saga_id, saga_name, saga_key from ${schema}.saga_mailbox
  where not parked and received_at <= (select clock_timestamp()) - $1::float8 * interval '1 millisecond'
  order by received_at
  limit $2::int
) as late`;
