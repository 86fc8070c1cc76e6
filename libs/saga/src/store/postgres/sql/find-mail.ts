import { MAIL_OF } from './mail-of.js';

/** Whether there are messages for a saga. Index: as MAIL_OF. Lock: none. */
export const findMail = (schema: string): string => `select exists (select from ${schema}.saga_mailbox where ${MAIL_OF}) as found`;
