import { SagaError } from '../planning/saga-error.js';

/** The store cannot do its work: the database is missing, unreachable, or of another schema version. */
export class SagaStoreError extends SagaError {
  readonly code = 'SAGA_STORE';
}

/**
 * A transaction was told to commit, its answer was lost, and the database could not be asked afterwards. It may be durable
 * or not: neither may be assumed, and it must not be repeated before the journal was read back. [R3]
 */
export class CommitUnknownError extends SagaError {
  readonly code = 'SAGA_COMMIT_UNKNOWN';
}

/** A transaction was ended by another than who opened it, so that what was done in it may be durable. */
export class TransactionLostError extends SagaError {
  readonly code = 'SAGA_TRANSACTION_LOST';
}

/**
 * Thrown by the work of a transaction when something of it may go on and nobody waits for it: a rollback would wait for its
 * statement, or let the next one through, so the connection is closed instead. No commit was sent: nothing is durable.
 */
export class TransactionAbandoned extends Error {
  /** @param cause what the opener of the transaction is to learn */
  constructor(cause: Error) {
    super('the work of the transaction was abandoned', { cause });
  }
}

/** From `SagaTransaction.manager`: no transaction is open where it was asked for one. */
export class SagaTransactionError extends SagaError {
  readonly code = 'SAGA_NO_TRANSACTION';
}
