import 'reflect-metadata';

import type { Type } from '@nestjs/common';

import type { CommandStatus } from './saga-status-handler.js';

// Symbol.for: a class decorated by one copy of the package is read by another.
const HANDLER = Symbol.for('nestjs-sagas.handler');

export interface SagaHandlerOptions {
  /**
   * It has effects outside its own database: it is recorded as started before it is called, may be called more than once
   * under the same idempotency key, and leaves an effect possible where it throws anything but StepRejected. Default false.
   */
  external?: boolean;
  /**
   * Provider that is asked what became of a command, after its handler threw or was cut short: succeeded is the reply then, without another call; failed
   * leaves certainly no effect. Only with `external`. Default: nobody is asked, and an effect stays possible.
   */
  status?: Type<{ status(command: never): Promise<CommandStatus> }>;
}

/** Beside `@CommandHandler`, where it says more than a plain handler. */
export function SagaHandler(options: SagaHandlerOptions): ClassDecorator {
  return (handler) => Reflect.defineMetadata(HANDLER, options, handler);
}

export const handlerOptionsOf = (handler: object): SagaHandlerOptions =>
  (Reflect.getMetadata(HANDLER, handler) as SagaHandlerOptions | undefined) ?? {};
