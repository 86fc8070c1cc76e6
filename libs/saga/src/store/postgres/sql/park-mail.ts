/** Messages whose saga does not exist yet. Index: saga_mailbox_signal, saga_mailbox_event. Lock: their rows. */
export const parkMail = (schema: string): string => `
update ${schema}.saga_mailbox set parked = true
where not parked and (saga_id = $1::uuid or (saga_id is null and saga_name = $2 and saga_key = $3))`;
