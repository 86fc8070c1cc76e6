import type { Command } from '@nestjs/cqrs';

/** What became of a command outside. `failed`: certainly nothing was done, and nothing will be. `unknown`: who was asked cannot say. */
export type CommandStatus<Result = unknown> =
  { readonly outcome: 'succeeded'; readonly result?: Result } | { readonly outcome: 'failed' } | { readonly outcome: 'unknown' };

/**
 * Asks outside what became of a command, such as whether a gateway knows its idempotency key (`SagaCommandContext` has it). A provider, named by
 * `@SagaHandler({ external: true, status: ChargeStatus })`. It must change nothing; what it throws means `unknown`.
 */
export interface SagaStatusHandler<C extends Command<unknown> = Command<unknown>> {
  /** Called in the handler's place, with the `SagaCommandContext` of the call that it is about. */
  status(command: C): Promise<CommandStatus<C extends Command<infer Result> ? Result : never>>;
}
