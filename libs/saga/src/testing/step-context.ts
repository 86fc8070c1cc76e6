import { idempotencyKeyOf } from '../definition/idempotency-key.js';
import { createResultReader } from '../definition/result-reader.js';
import { CompensationContext, SagaContext } from '../definition/saga-context.js';
import { ResultNotGivenError } from './result-not-given.error.js';

// oxlint-disable-next-line typescript/no-explicit-any -- a context that a test keeps in a variable must fit every step
type AnyContext = SagaContext<any, any, any>;
// oxlint-disable-next-line typescript/no-explicit-any -- as above
type AnyCompensationContext = CompensationContext<any, any, any>;

/** What a test says of a context. */
type Given<C extends AnyContext> = Partial<Omit<C, 'results'>> & { readonly results?: Partial<C['results']> };

/**
 * A context for calling a step's method by hand. What is not given has a plain default: saga id `saga-1`, step `step`, first
 * attempt, an empty input, no metadata, a signal that never aborts. Values are passed as they are given, not through storage.
 *
 * A result that is not given throws where it is read; one that is given as undefined is that of a step without result.
 */
export function stepContext<C extends AnyContext>(given: Given<C>): C {
  return contextOf(SagaContext.prototype, given) as C;
}

/** The same for a compensation. Defaults: the step succeeded, and the saga was cancelled. */
export function compensationContext<C extends AnyCompensationContext>(given: Given<C>): C {
  const { sagaId = 'saga-1', step = 'step' }: Partial<Omit<C, 'results'>> = given;
  const defaults = {
    outcome: 'succeeded',
    reason: { kind: 'cancelled', message: 'cancelled by the test' },
    idempotencyKey: idempotencyKeyOf(sagaId, { step, direction: 'compensation' }),
    forwardIdempotencyKey: idempotencyKeyOf(sagaId, { step, direction: 'forward' }),
  };
  return contextOf(CompensationContext.prototype, { ...defaults, ...given }) as C;
}

function contextOf(prototype: SagaContext, given: Given<AnyContext>): object {
  const { sagaId = 'saga-1', step = 'step', results = {} } = given;
  const readers = new Map(Object.entries(results).map(([name, result]) => [name, () => result]));
  return Object.assign(Object.create(prototype) as object, {
    sagaId,
    step,
    input: {},
    item: undefined,
    metadata: {},
    attempt: 1,
    idempotencyKey: idempotencyKeyOf(sagaId, { step, direction: 'forward' }),
    signal: new AbortController().signal,
    ...given,
    results: createResultReader(readers, (name) => new ResultNotGivenError(name)),
  });
}
