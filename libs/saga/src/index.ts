// The public surface: named exports, grouped. Nothing else is public.

// Vocabulary
export type { Duration } from './planning/durations.js';
export type { RetryPolicy } from './planning/retry-policy.js';
export type { SagaStatus, StepOutcome } from './planning/saga-status.js';
export type { SagaFailure } from './planning/failure.js';

// Defining a saga
export { SagaDefinition, type SagaDefinitionOptions } from './definition/saga-definition.decorator.js';
export { on, StartRule } from './definition/start-rule.js';
export { SagaStep, type StepOptions } from './definition/saga-step.decorator.js';
export { Compensate, type CompensateOptions } from './definition/compensate.decorator.js';
export { AwaitEvent } from './definition/await-event.decorator.js';
export { AwaitSignal } from './definition/await-signal.decorator.js';
export type { AwaitOptions } from './definition/await-options.js';
export { defineSignal, type Signal } from './definition/signal.js';
export { child, ChildSaga } from './definition/child-saga.js';
export { CompensationContext, SagaContext } from './definition/saga-context.js';
export type { SagaInput, SagaPayload, StepName, StepResult, StepResults } from './definition/step-types.js';

// Errors that a step may throw
export { RetryLater, StepRejected } from './planning/step-errors.js';

// Running sagas
export { SagaClient, type SagaPage, type SagaQuery } from './execution/saga-client.js';
export type { OverdueDefinition, SagaHealth } from './execution/saga-health.js';
export type { JournalEntry, SagaHandle } from './execution/saga-handle.js';
export type { OperatorNote } from './planning/operator-note.js';
export type { StartOptions } from './execution/saga-starter.js';
export type { SagaView, StepView } from './planning/view.js';
export { toMermaid } from './execution/to-mermaid.js';

// Errors that callers meet
export { isSagaError, SagaError } from './planning/saga-error.js';
export {
  SagaCompensatedError,
  SagaConflictError,
  SagaEmptiedError,
  SagaInputError,
  SagaNotFoundError,
  SagaResultTimeoutError,
  SagaSignalError,
  SagaStuckError,
} from './execution/caller-errors.js';
export { SagaOperationError } from './planning/saga-operation.error.js';
export { SagaDefinitionError } from './definition/saga-definition.error.js';

// Events on the EventBus, each after its checkpoint
export {
  SagaAlertEvent,
  SagaCompensatedEvent,
  SagaCompensatingEvent,
  SagaCompletedEvent,
  SagaLifecycleEvent,
  SagaStartedEvent,
  SagaStuckEvent,
} from './observability/lifecycle-events.js';

// Wiring
export { SagaModule } from './saga.module.js';
export type { SagaModuleAsyncOptions, SagaModuleExtras, SagaModuleOptions, SagaOptionsFactory } from './saga-module-options.js';
export { SagaTransaction } from './store/saga-transaction.js';

// Participants
export { SagaCommand } from './definition/saga-command.decorator.js';
export { SagaCommandContext } from './definition/saga-command-context.js';
export { DeferredReply } from './definition/deferred-reply.js';
export { DeferredReplies, type DeferredReplyOptions, type DeferredReplyResult } from './participant/deferred-replies.js';
export type { CommandStatus, SagaStatusHandler } from './participant/saga-status-handler.js';
export { SagaHandler } from './participant/saga-handler.decorator.js';
export { SagaParticipantModule, type SagaParticipantAsyncOptions } from './participant/saga-participant.module.js';
export type { SagaParticipantOptions, SagaParticipantOptionsFactory } from './participant/participant-options.js';
