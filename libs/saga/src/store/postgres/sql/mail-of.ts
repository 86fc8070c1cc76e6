/** The messages for a saga: $1 its id, $2 its name, $3 its key. Index: saga_mailbox_signal, saga_mailbox_event. */
export const MAIL_OF = `(saga_id = $1::uuid or (saga_id is null and saga_name = $2 and saga_key = $3))`;
