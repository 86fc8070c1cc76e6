import type { SagaFailure } from '../planning/failure.js';
import type { StepOutcome } from '../planning/saga-status.js';
import type { StepResults } from './step-types.js';

/**
 * What a step's method is called with. A class, not an interface, so that decorated signatures can name it under
 * `isolatedModules` and SWC. The library alone makes instances; tests make theirs with `stepContext` of `nestjs-sagas/testing`.
 *
 * @typeParam Input what the saga was started with
 * @typeParam Saga the saga's class: types `results`
 * @typeParam Item one element of the step's `each`
 */
export abstract class SagaContext<Input = unknown, Saga = unknown, Item = unknown> {
  /** Of this run of the saga: a UUID. */
  declare readonly sagaId: string;
  /** As stored: plain data, a copy of this attempt's own. */
  declare readonly input: Input;
  /**
   * Results of the steps that this step depends on, directly or not, as stored. Reading any other step's result throws.
   * Typed once the saga class is the second type argument.
   */
  declare readonly results: StepResults<Saga>;
  /** The item, in a step that fans out with `each`: such a step names its type, and its result is a list. */
  declare readonly item: Item;
  /** What the start was given: tenant, correlation id, user. */
  declare readonly metadata: Readonly<Record<string, string>>;
  /** Name of the step: its method's. */
  declare readonly step: string;
  /** 1 for the first try. Counts every call, those cut short by a crash included. */
  declare readonly attempt: number;
  /** The same for every attempt of this step (and item) of this saga; differs for its compensation. */
  declare readonly idempotencyKey: string;
  /** Aborts on step timeout, unwinding, lost ownership and shutdown. */
  declare readonly signal: AbortSignal;
}

/** What a compensation is called with. `step`, `item` and `results` are those of the step that it undoes. */
export abstract class CompensationContext<Input = unknown, Saga = unknown, Item = unknown> extends SagaContext<Input, Saga, Item> {
  /** Of the step that is undone; unknown: the effect may or may not be there. */
  declare readonly outcome: Exclude<StepOutcome, 'failed'>;
  /** Why the saga unwinds. */
  declare readonly reason: SagaFailure;
  /** The idempotency key under which the forward action ran, or may have run. */
  declare readonly forwardIdempotencyKey: string;
}
