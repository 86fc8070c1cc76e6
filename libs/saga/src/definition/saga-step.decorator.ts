import type { Duration } from '../planning/durations.js';
import type { RetryPolicy } from '../planning/retry-policy.js';
import type { SagaContext } from './saga-context.js';
import { writeStep } from './saga-metadata.js';
import type { HasSteps, ItemOf, Method, StepResult } from './step-types.js';

/** Of a step: `@SagaStep({ … })`. All may be left out. */
export interface StepOptions<After extends string = string, Items extends readonly unknown[] = readonly unknown[]> {
  /** Steps that must be done first. Left out: the step above it in the class. []: starts at once. */
  after?: After | readonly After[];
  /** Evaluated once and recorded; false skips the step, and whatever is undone later skips it too. */
  when?: (context: SagaContext<any, any>) => boolean;
  /** A refusal ends the step, not the saga: it has no result, and the saga goes on. Default unwind. */
  onRejected?: 'unwind' | 'continue';
  /** Fans out: one run of the step for each item, all of them in the step's result, in order. Skipped, the result is []. */
  each?: (context: SagaContext<any, any>) => Items;
  /** Items that run side by side, a whole number from 1. Default: all. */
  concurrency?: number;
  /**
   * compensatable: has a `@Compensate`. pivot: the point of no return. retriable: tried until it succeeds. readonly: nothing to undo.
   * child: runs another saga, which undoes itself; after the pivot it only goes forward. Left out: compensatable before the pivot (readonly, if it waits), retriable after it.
   */
  kind?: 'compensatable' | 'pivot' | 'retriable' | 'readonly' | 'child';
  /** What it leaves open comes from the saga's `retry`, then the module's. */
  retry?: RetryPolicy;
  /** One attempt's limit; the outcome of an attempt that exceeds it is unknown. Default: the module's `stepTimeout`, 30s. */
  timeout?: Duration;
  /** Waits durably before the step begins. Default: none. */
  delay?: Duration;
  /** The step's writes through SagaTransaction and its checkpoint commit together, once. Default false. */
  transactional?: boolean;
  /** false: never run again after a crash in mid-flight; the outcome counts as unknown. Default true. */
  idempotent?: boolean;
  /** Earlier names of this step, for sagas begun before a rename. */
  was?: string | readonly string[];
}

type Absence<F extends Method, Absent> = Absent extends false
  ? unknown
  : undefined extends StepResult<ReturnType<F>>
    ? unknown
    : { 'the step may have no result: its method must return | undefined': StepResult<ReturnType<F>> };

/** Fails to compile, with these texts, where types would later promise what is not there. */
type Fits<T, N, F extends Method, Items, Absent> = N extends keyof T
  ? [Items] extends [never]
    ? Absence<F, Absent>
    : unknown extends ItemOf<F>
      ? { 'a step with each names its item: SagaContext<Input, Saga, Item>': Items }
      : Absence<F, Absent>
  : { 'a step must be a public method': N };

export type StepDecorator<After extends string, F0 extends Method, Absent = false, Items = never> = <
  T extends (string extends After ? unknown : HasSteps<After>),
  N extends string,
  F extends F0,
>(
  target: T,
  name: N,
  descriptor: TypedPropertyDescriptor<F> & Fits<T, N, F, Items, Absent>,
) => void;

type Unconditional = { when?: never; onRejected?: 'unwind' };

type Forward<Items extends readonly unknown[]> = (
  context: SagaContext<any, any, [Items] extends [never] ? undefined : Items[number]>,
) => unknown;

/**
 * Makes a method a step of its saga. What it returns is the step's result: a value, a promise or observable of one, or a
 * command, which then runs at its handler. It must survive JSON; dates are kept as dates.
 *
 * The method may run more than once for one step, always with the same `idempotencyKey`. Throw `StepRejected` to say that
 * nothing happened; any other error is tried again by the retry policy, and then counts as unknown and is compensated.
 */
export function SagaStep<After extends string = never, Items extends readonly unknown[] = never>(
  options?: StepOptions<After, Items> & Unconditional,
): StepDecorator<After, Forward<Items>, false, Items>;
/** A step that may be left out has no result then, and says so: its method returns `| undefined`. */
export function SagaStep<After extends string = never, Items extends readonly unknown[] = never>(
  options?: StepOptions<After, Items>,
): StepDecorator<After, Forward<Items>, true, Items>;
export function SagaStep(options: StepOptions = {}) {
  return (target: any, method: string): void => writeStep(target, { via: 'call', method, options });
}
