import type { Duration } from '../planning/durations.js';
import type { RetryPolicy } from '../planning/retry-policy.js';
import type { CompensationContext } from './saga-context.js';
import { writeCompensation } from './saga-metadata.js';
import type { HasSteps, ItemOf, Method, StepResult } from './step-types.js';

/** Of a compensation: `@Compensate('reserveStock', { … })`. */
export interface CompensateOptions {
  /** What it leaves open comes from the saga's `compensationRetry`, then the module's. */
  retry?: RetryPolicy;
  /** One attempt's limit. Default: the module's `stepTimeout`, 30s. */
  timeout?: Duration;
  /** skip: a step whose outcome is unknown is left as it is, and named in `failure.left`. Default compensate. */
  onUnknown?: 'compensate' | 'skip';
  /** Left out: as its step. */
  transactional?: boolean;
}

/** Fails to compile, with this text, where a compensation cannot take what the step leaves behind. */
type Undoes<F extends Method, R, Text extends string> = F extends (context: any, ...rest: infer P) => any
  ? P extends []
    ? unknown
    : [R] extends [P[0]]
      ? unknown
      : { [K in Text]: R }
  : never;

type Compensation<F extends Method> = (context: CompensationContext<any, any, ItemOf<F>>, result: any) => unknown;

/**
 * Makes a method the compensation of a step. It runs when the saga unwinds, for a step that succeeded and for one whose
 * outcome is unknown, after every step that depends on that step owes nothing more. It may run more than once, always with
 * the same `idempotencyKey`, and never again once it is recorded as done.
 *
 * The second argument is the step's result (of that item, where it fans out); undefined where the step's outcome is unknown.
 */
export function Compensate<K extends string>(
  step: K,
  options: CompensateOptions & { onUnknown: 'skip' },
): <T extends HasSteps<K>, F extends Compensation<T[K]>>(
  target: T,
  name: string,
  descriptor: TypedPropertyDescriptor<F> & Undoes<F, StepResult<ReturnType<T[K]>>, 'the second parameter must accept'>,
) => void;
export function Compensate<K extends string>(
  step: K,
  options?: CompensateOptions,
): <T extends HasSteps<K>, F extends Compensation<T[K]>>(
  target: T,
  name: string,
  descriptor: TypedPropertyDescriptor<F> &
    Undoes<F, StepResult<ReturnType<T[K]>> | undefined, 'its outcome may be unknown, so the second parameter must accept'>,
) => void;
export function Compensate(step: string, options: CompensateOptions = {}) {
  return (target: object, method: string): void => writeCompensation(target, { method, step, options });
}
