import { SagaError } from '../planning/saga-error.js';

/** A step reads a result that its test did not give. */
export class ResultNotGivenError extends SagaError {
  readonly code = 'SAGA_RESULT_NOT_GIVEN';

  constructor(result: string) {
    super(`results.${result} is read here, but was not given. Add results: { ${result}: … }; undefined for a step without result.`);
  }
}
