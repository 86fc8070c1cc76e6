/**
 * Bounds how long statements of this transaction wait for locks, and returns the bound that was there before, so that the
 * handler's own statements can be given it back by the same statement. Locks nothing. Parameter: such as `5000ms`.
 */
export const boundLockWait = (): string => `
with setting as materialized (select current_setting('lock_timeout') as before)
select before, set_config('lock_timeout', $1, true) from setting`;
