import { describeFailure, type SagaFailure } from '../planning/failure.js';
import { SagaError, type SagaErrorPlace } from '../planning/saga-error.js';

/** From result(): all was undone. */
export class SagaCompensatedError extends SagaError {
  readonly code = 'SAGA_COMPENSATED';

  constructor(
    /** Why it was undone, and in `left` what was not. */
    readonly failure: SagaFailure,
    place: SagaErrorPlace,
  ) {
    super(`${place.saga} ${place.sagaId} was compensated: ${describeFailure(failure)}`, { ...place, step: failure.step });
  }
}

/** From result(): it waits for an operator. */
export class SagaStuckError extends SagaError {
  readonly code = 'SAGA_STUCK';

  constructor(
    /** Why it cannot go on. */
    readonly failure: SagaFailure,
    place: SagaErrorPlace,
  ) {
    super(`${place.saga} ${place.sagaId} is stuck and waits for an operator: ${describeFailure(failure)}`, {
      ...place,
      step: failure.step,
    });
  }
}

/** From result(): still under way; the saga goes on. */
export class SagaResultTimeoutError extends SagaError {
  readonly code = 'SAGA_RESULT_TIMEOUT';
}

/** From start(): this key was started with another input. */
export class SagaConflictError extends SagaError {
  readonly code = 'SAGA_CONFLICT';
}

/** From start(): the input schema refused it, or it does not survive storage. Nothing was recorded. */
export class SagaInputError extends SagaError {
  readonly code = 'SAGA_INPUT';

  constructor(
    message: string,
    /** All that is wrong with it, each with its place in the input, such as `lines.0.sku`. */
    readonly issues: readonly { readonly path: string; readonly message: string }[],
    place: SagaErrorPlace,
  ) {
    super(message, place);
  }
}

/** From signal(): the saga waits for no such signal, or what it carries does not survive storage. Nothing was sent. */
export class SagaSignalError extends SagaError {
  readonly code = 'SAGA_SIGNAL';
}

/** From result() and journal(): the saga ended longer ago than `retention`, and both were deleted. `view()` shows what is left. */
export class SagaEmptiedError extends SagaError {
  readonly code = 'SAGA_EMPTIED';
}

/** There is no saga with this id, or it ended so long ago that it was deleted. */
export class SagaNotFoundError extends SagaError {
  readonly code = 'SAGA_NOT_FOUND';
}
