const LOCK_NOT_AVAILABLE = '55P03';
const NO_ACTIVE_TRANSACTION = '25P01';
const NO_SUCH_SAVEPOINT = '3B001';
const NO_SUCH_STATEMENT = '26000';
const STATEMENT_EXISTS = '42P05';

/**
 * Classes of SQLSTATE that a COMMIT fails with and that mean that it was rolled back: a deferred constraint or trigger, a
 * lost savepoint, a statement that is not prepared. Others (08, 57P01, XX…) may come after the commit became durable.
 */
const ROLLED_BACK_CLASSES: readonly string[] = ['22', '23', '26', '3B', '42', '44', 'P0'];
/**
 * Serialization failure, deadlock, integrity failure at commit; of their class 40003 means "unknown". And a transaction that had failed before: the
 * statements that go together with COMMIT end at the first that meets it.
 */
const ROLLED_BACK_CODES: readonly string[] = ['40001', '40P01', '40002', '25P02'];

export const isLockTimeout = (error: unknown): boolean => sqlState(error) === LOCK_NOT_AVAILABLE;

/** What was prepared is not there, or what was not is. */
export function isAboutPrepared(error: unknown): boolean {
  const code = sqlState(error);
  return code === NO_SUCH_STATEMENT || code === STATEMENT_EXISTS;
}

export function isTransactionGone(error: unknown): boolean {
  const code = sqlState(error);
  return code === NO_ACTIVE_TRANSACTION || code === NO_SUCH_SAVEPOINT;
}

export function isCertainlyRolledBack(error: unknown): boolean {
  const code = sqlState(error);
  return code !== undefined && (ROLLED_BACK_CLASSES.includes(code.slice(0, 2)) || ROLLED_BACK_CODES.includes(code));
}

/** Of an error that PostgreSQL itself answered, also where TypeORM wrapped it. */
function sqlState(error: unknown): string | undefined {
  const driverError: unknown = error instanceof Error && 'driverError' in error ? error.driverError : error;
  if (!(driverError instanceof Error) || !('code' in driverError) || !('severity' in driverError)) return undefined;
  return typeof driverError.code === 'string' ? driverError.code : undefined;
}
