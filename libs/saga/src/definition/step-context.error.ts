import { SagaError } from '../planning/saga-error.js';

/** A step reads what it does not depend on: whether that is there yet would be a matter of luck. */
export class StepContextError extends SagaError {
  readonly code = 'SAGA_RESULT_NOT_DEPENDED_ON';
}
