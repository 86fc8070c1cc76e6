import { SagaStoreError } from '../store-errors.js';

/** PostgreSQL answered with an error: what was asked is certainly not done. */
export class StatementRefused extends SagaStoreError {
  constructor(
    /** Five characters, as PostgreSQL's appendix of error codes lists them. */
    readonly sqlState: string,
    message: string,
    cause: unknown,
  ) {
    super(
      SHORTAGES.test(sqlState)
        ? `PostgreSQL cannot store anything now (${sqlState}): ${message}. Nothing was recorded; what runs goes on when it can.`
        : `PostgreSQL refused (${sqlState}): ${message}`,
      { cause },
    );
  }

  /** Somebody holds the row or the key, or two waited for each other: the same may pass in a moment. */
  get isConflict(): boolean {
    return CONFLICTS.has(this.sqlState);
  }

  /** The disk is full, memory is short, or the server may only read: nothing is wrong with what was asked, and nothing else would pass either. */
  get isShortage(): boolean {
    return SHORTAGES.test(this.sqlState);
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

/** insufficient_resources, read_only_sql_transaction (what some hosts do with a full disk, and a primary that became a standby), io_error. */
const SHORTAGES = /^(53...|25006|58030)$/;

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
  // `severity` comes from the server; `code` may also be the operating system's, such as EPIPE. A server in panic takes all sessions with it.
  const answered = typeof severity === 'string' && severity !== 'PANIC' && typeof code === 'string' && !ENDED_SESSION.test(code);
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
