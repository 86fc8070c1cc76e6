import { MAIL_OF } from './mail-of.js';

/**
 * Takes the messages for a saga out of the mailbox, in the transaction that locked its row. Index: as MAIL_OF. Lock: their rows, which
 * nobody else takes without the saga's lock but the sweep.
 */
export const takeMail = (schema: string): string => `
delete from ${schema}.saga_mailbox where ${MAIL_OF}
returning number::float8 as number, channel, message, dedupe_id, payload::text as payload`;
