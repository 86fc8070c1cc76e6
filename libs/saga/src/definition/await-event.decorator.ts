import type { Type } from '@nestjs/common';

import type { Awaiter, AwaitOptions, Certain } from './await-options.js';
import { writeStep } from './saga-metadata.js';
import type { StepDecorator } from './saga-step.decorator.js';

/** A step that waits for an event of the EventBus; what the method returns is the step's result. */
export function AwaitEvent<E, After extends string = never>(
  event: Type<E>,
  options: AwaitOptions<After> & Certain & { key: (event: E) => string },
): StepDecorator<After, Awaiter<E>>;
export function AwaitEvent<E, After extends string = never>(
  event: Type<E>,
  options: AwaitOptions<After> & { key: (event: E) => string },
): StepDecorator<After, Awaiter<E>, true>;
export function AwaitEvent(event: Type<unknown>, { key, ...options }: AwaitOptions & { key: (event: never) => string }) {
  return (target: any, method: string): void => writeStep(target, { via: 'event', method, event, key, options });
}
