import type { StepDefinition, StepScope } from '../planning/definition.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import type { SagaContext } from './saga-context.js';
import type { StepOptions } from './saga-step.decorator.js';
import { createStepContext } from './step-context.js';
import type { StepNode } from './step-graph.js';

/** A condition is answered at once: there is nothing to abort. */
const { signal: NEVER_ABORTED } = new AbortController();

/** `when` and `each` of a step, such that the planner can ask them. */
export function conditionsOf({ metadata, ancestors }: StepNode): Pick<StepDefinition, 'when' | 'each'> {
  const { when, each }: Pick<StepOptions, 'when' | 'each'> = metadata.options;
  return {
    ...(when && { when: (scope) => asBoolean(when(contextOf(scope, ancestors))) }),
    ...(each && { each: (scope) => asList(each(contextOf(scope, ancestors))) }),
  };
}

function contextOf({ saga, step, results }: StepScope, dependencies: ReadonlySet<string>): SagaContext {
  const idempotencyKey = idempotencyKeyOf(saga.id, { step, direction: 'forward' });
  return createStepContext({
    saga,
    step,
    attempt: 1,
    idempotencyKey,
    signal: () => NEVER_ABORTED,
    results: () => results,
    dependencies: () => dependencies,
  });
}

/** A promise is truthy: an async condition would always be met. */
function asBoolean(answer: unknown): boolean {
  if (answer instanceof Promise)
    throw new TypeError('when returned a promise; it must answer at once, so read what it needs in a step before it');
  return Boolean(answer);
}

/** A string is iterable too, and would fan out by character. */
function asList(items: unknown): readonly unknown[] {
  if (!Array.isArray(items)) throw new TypeError('each returned no list; return an array, with one element for each run of the step');
  return items;
}
