/** 'committed', 'aborted' or 'in progress': what became of a transaction whose answer was lost. Lock: none. */
export const readTransactionStatus = (): string => `select pg_xact_status($1::xid8) as status`;
