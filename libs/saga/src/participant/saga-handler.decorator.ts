import 'reflect-metadata';

// Symbol.for: a class decorated by one copy of the package is read by another.
const HANDLER = Symbol.for('nestjs-sagas.handler');

export interface SagaHandlerOptions {
  /**
   * It has effects outside its own database: it is recorded as started before it is called, may be called more than once
   * under the same idempotency key, and leaves an effect possible where it throws anything but StepRejected. Default false.
   */
  external?: boolean;
}

/** Beside `@CommandHandler`, where it says more than a plain handler. */
export function SagaHandler(options: SagaHandlerOptions): ClassDecorator {
  return (handler) => Reflect.defineMetadata(HANDLER, options, handler);
}

export function isExternalHandler(handler: object): boolean {
  return (Reflect.getMetadata(HANDLER, handler) as SagaHandlerOptions | undefined)?.external === true;
}
