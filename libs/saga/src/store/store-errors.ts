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

/** From `SagaTransaction.manager`: no transaction is open where it was asked for one. */
export class SagaTransactionError extends SagaError {
  readonly code = 'SAGA_NO_TRANSACTION';
}
