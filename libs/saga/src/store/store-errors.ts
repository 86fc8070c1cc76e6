import { SagaError } from '../planning/saga-error.js';

/** The store cannot do its work: the database is missing, unreachable, or of another schema version. */
export class SagaStoreError extends SagaError {
  readonly code = 'SAGA_STORE';
}
