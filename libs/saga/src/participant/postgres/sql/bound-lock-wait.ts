/** Keeps what the bound was, to the end of the transaction. PostgreSQL lets anybody make a setting whose name has a dot. */
const BEFORE = 'saga.lock_timeout';

/**
 * Bounds how long statements of this transaction wait for locks, until `unboundLockWait` is evaluated. Locks nothing.
 * @param wait an expression, with its unit
 */
export const boundLockWait = (wait: string): string =>
  `select set_config('${BEFORE}', current_setting('lock_timeout'), true), set_config('lock_timeout', ${wait}, true)`;

/** An expression: gives the statements that follow the bound that was there before. */
export const unboundLockWait = `set_config('lock_timeout', current_setting('${BEFORE}'), true)`;
