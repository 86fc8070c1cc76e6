// The public surface: named exports, grouped. Nothing else is public.
export { type Duration } from './planning/durations.js';
export { type RetryPolicy } from './planning/retry-policy.js';
export { type SagaStatus, type StepOutcome } from './planning/saga-status.js';
export { type SagaFailure } from './planning/failure.js';
export { RetryLater, StepRejected } from './planning/step-errors.js';
export { SagaError, isSagaError } from './planning/saga-error.js';
