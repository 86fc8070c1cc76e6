import { SagaError } from '../planning/saga-error.js';

/** Another transaction held the fence's row for longer than this one may wait. */
export class FenceBusyError extends SagaError {
  readonly code = 'SAGA_IN_PROGRESS';
}

/** The participant cannot work as it is wired. The message names the mend. */
export class SagaParticipantError extends SagaError {
  readonly code = 'SAGA_PARTICIPANT';
}

/** An answer that comes later could not be taken. */
export class DeferredReplyError extends SagaError {
  readonly code = 'SAGA_DEFERRED_REPLY';
}
