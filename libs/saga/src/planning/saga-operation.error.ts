import { SagaError } from './saga-error.js';

/** From an operator's command that the saga does not take as it stands now. Nothing was changed. */
export class SagaOperationError extends SagaError {
  readonly code = 'SAGA_OPERATION_REFUSED';
}
