import type { Type } from '@nestjs/common';

import type { SagaInput, SagaPayload, StepResults } from './step-types.js';

/** What a step of kind child returns: that saga runs as the step, and is undone as a whole. Made by `child`. */
export class ChildSaga<Output> {
  /** Never there: it carries the type of the child's results. */
  declare protected readonly output: Output;

  private constructor(
    /** The child's class. */
    readonly saga: Type<object>,
    /** What it is started with. */
    readonly input: unknown,
    /** Business key; undefined: as its definition's `key` says. */
    readonly key: string | undefined,
  ) {}

  /** @internal */
  static of<Output>(saga: Type<object>, input: unknown, key: string | undefined): ChildSaga<Output> {
    return new ChildSaga<Output>(saga, input, key);
  }
}

/** Says which saga a step of kind child runs. Nothing starts before the step returns it. */
export function child<S extends object>(
  saga: Type<S>,
  input: SagaPayload<SagaInput<S>>,
  options: { key?: string } = {},
): ChildSaga<StepResults<S>> {
  return ChildSaga.of(saga, input, options.key);
}
