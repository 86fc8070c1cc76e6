import type { Awaiter, AwaitOptions, Certain } from './await-options.js';
import { writeStep } from './saga-metadata.js';
import type { StepDecorator } from './saga-step.decorator.js';
import type { Signal } from './signal.js';

/** A step that waits for SagaHandle.signal(); for people and webhooks. */
export function AwaitSignal<P = any, After extends string = never>(
  signal: string | Signal<P>,
  options?: AwaitOptions<After> & Certain,
): StepDecorator<After, Awaiter<P>>;
export function AwaitSignal<P = any, After extends string = never>(
  signal: string | Signal<P>,
  options?: AwaitOptions<After>,
): StepDecorator<After, Awaiter<P>, true>;
export function AwaitSignal(signal: string | Signal<unknown>, options: AwaitOptions = {}) {
  const name = typeof signal === 'string' ? signal : signal.name;
  return (target: any, method: string): void => writeStep(target, { via: 'signal', method, signal: name, options });
}
