import { SagaStoreError } from '../store-errors.js';

/** PostgreSQL answered with an error: what was asked is certainly not done. */
export class StatementRefused extends SagaStoreError {
  constructor(
    /** Five characters, as PostgreSQL's appendix of error codes lists them. */
    readonly sqlState: string,
    message: string,
    cause: unknown,
  ) {
    super(`PostgreSQL refused (${sqlState}): ${message}`, { cause });
  }

  /** Somebody holds the row or the key, or two waited for each other: the same may pass in a moment. */
  get isConflict(): boolean {
    return CONFLICTS.has(this.sqlState);
  }
}

/** No answer came: what was asked may be done or not. */
export class StatementUnanswered extends SagaStoreError {
  constructor(cause: unknown) {
    super(`PostgreSQL did not answer: ${messageOf(cause)}. Check that it runs and can be reached.`, { cause });
  }
}

/** lock_not_available, serialization_failure, deadlock_detected. */
const CONFLICTS = new Set(['55P03', '40001', '40P01']);

/** Of a session that the server ended: shutdown, crash, timeouts of idle sessions. The last word may be lost. */
const ENDED_SESSION = /^(08...|57P0[1-5]|25P03)$/;

const NO_ANSWER_TYPES = new Set([
  'QueryRunnerAlreadyReleasedError',
  'DriverNotConnectedError',
  'DriverPackageNotInstalledError',
  'ConnectionNotFoundError',
]);

/** What a failure of TypeORM or `pg` means; anything else is no failure of a statement, and is given back as it is. */
export function translated(error: unknown): unknown {
  if (error instanceof SagaStoreError) return error;
  const driverError = driverErrorOf(error);
  if (driverError === undefined) return NO_ANSWER_TYPES.has(nameOf(error)) ? new StatementUnanswered(error) : error;
  const { code, severity } = driverError as { readonly code?: unknown; readonly severity?: unknown };
  // `severity` comes from the server; `code` may also be the operating system's, such as EPIPE.
  const answered = typeof severity === 'string' && typeof code === 'string' && !ENDED_SESSION.test(code);
  return answered ? new StatementRefused(code, messageOf(driverError), error) : new StatementUnanswered(error);
}

function driverErrorOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('driverError' in error) return error.driverError;
  return 'severity' in error ? error : undefined;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** An AggregateError of `connect` has no message of its own. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
