import type { StepDefinition, StepScope } from './definition.js';
import type { Draft } from './draft.js';
import { errorRecordOf } from './error-record.js';
import type { ErrorRecord } from './failure.js';
import { encodePayloads, type StoredValue } from './payload.js';
import { type SagaState, stepState } from './state.js';

export type Evaluation =
  | { readonly kind: 'run' }
  | { readonly kind: 'skip'; readonly why: string }
  | { readonly kind: 'fan-out'; readonly items: readonly StoredValue[] }
  /** `when` or `each` threw: nothing ran. [R8] */
  | { readonly kind: 'fail'; readonly error: ErrorRecord };

/** Asks `when` and `each` of a step that is about to begin. The answer is recorded, so each is asked once. */
export function evaluate(draft: Draft, step: StepDefinition): Evaluation {
  if (step.when === undefined && step.each === undefined) return { kind: 'run' };
  const scope: StepScope = { saga: draft.saga, step: step.name, results: resultsFor(draft, step.name) };
  try {
    if (step.when && !step.when(scope)) return { kind: 'skip', why: 'its condition (when) is not met' };
    if (!step.each) return { kind: 'run' };
    return { kind: 'fan-out', items: encodePayloads(listOf(step.each(scope)), draft.definition.maxPayload) };
  } catch (thrown) {
    const { message } = errorRecordOf(thrown);
    return { kind: 'fail', error: { code: 'SAGA_CONDITION_THREW', message: `when or each of ${step.name} threw: ${message}` } };
  }
}

/** A promise, for one, would pass for an empty list, and nothing would run. */
function listOf(items: unknown): readonly unknown[] {
  if (!Array.isArray(items)) throw new TypeError('each must return a list, and not later: it may not be async');
  return Array.from(items);
}

/** What a step may read: the results of all that it depends on, directly or not. */
export function resultsFor(draft: Pick<Draft, 'state' | 'graph'>, step: string): StepScope['results'] {
  const results: Record<string, StoredValue> = {};
  for (const name of draft.graph.ancestors.get(step) ?? []) {
    const result = resultOf(draft.state, name, draft.graph.byName.get(name)?.each !== undefined);
    if (result !== undefined) results[name] = result;
  }
  return results;
}

/** The results of a whole saga, by step; a list where a step fans out. */
export function resultOf(state: SagaState, step: string, fansOut: boolean): StoredValue | undefined {
  const { items, nodes } = stepState(state, step);
  if (!fansOut && items === null) return nodes[0]?.result;
  // An item that left no result stays a hole in the list, so that the order of the items is kept.
  return (items === null ? [] : nodes.map(({ result }) => result)) as StoredValue;
}
