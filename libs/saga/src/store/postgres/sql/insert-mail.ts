/**
 * Keeps a message. Sent twice, because the first answer was lost, it is the same one, by its id; so is one with a dedupe id.
 * Index: the primary key, saga_mailbox_signal, saga_mailbox_event. Lock: none but that of the new row.
 */
export const insertMail = (schema: string): string => `
insert into ${schema}.saga_mailbox (id, saga_id, saga_name, saga_key, channel, message, dedupe_id, payload)
values ($1::uuid, $2::uuid, $3, $4, $5, $6, $7, $8::json)
on conflict do nothing`;
