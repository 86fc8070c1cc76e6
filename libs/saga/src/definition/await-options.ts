import type { Duration } from '../planning/durations.js';
import type { SagaContext } from './saga-context.js';
import type { StepOptions } from './saga-step.decorator.js';

/** Of a step that waits. Without `timeout` and `when` it always has a result. */
export interface AwaitOptions<After extends string = string> extends Pick<StepOptions<After>, 'after' | 'when' | 'kind' | 'delay' | 'was'> {
  /** How long it waits; left out: without limit. stepTimeout limits its method. */
  timeout?: Duration;
  /** continue: the method is not called, the step has no result, and the saga goes on. Default fail. */
  onTimeout?: 'fail' | 'continue';
}

export type Certain = { when?: never; onTimeout?: 'fail' };

export type Awaiter<P> = (context: SagaContext<any, any>, payload: P) => unknown;
