/**
 * Addresses of messages that nobody has taken or parked for a while, who waits longest first. Each once: a thousand messages to a saga
 * whose row somebody holds must not hide those to another. Index: saga_mailbox_undelivered, which is nearly always empty. Lock: none.
 */
export const listUndelivered = (schema: string): string => `
select saga_id::text as saga_id, saga_name, saga_key from ${schema}.saga_mailbox
where not parked and received_at <= (select clock_timestamp()) - $1::float8 * interval '1 millisecond'
group by saga_mailbox.saga_id, saga_name, saga_key
order by min(received_at)
limit $2::int`;
