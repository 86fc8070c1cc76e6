import type { StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import type { ErrorRecord } from './failure.js';
import { isAfterPivot } from './graph.js';
import type { NodeRef } from './journal.js';
import type { ResolvedRetryPolicy } from './retry-policy.js';

interface Settlement {
  readonly mayHaveEffect: boolean;
  readonly error: ErrorRecord;
  readonly timedOut: boolean;
  readonly quietUntil?: number;
}

/** No further attempt: failed where certainly nothing was left behind, unknown otherwise. [R9] */
export function settle(draft: Draft, ref: NodeRef, { mayHaveEffect, error, timedOut, quietUntil }: Settlement): void {
  if (!mayHaveEffect) return draft.add({ kind: 'step-failed', ...ref, error, refused: false });
  draft.add({
    kind: 'step-unknown',
    ...ref,
    error,
    ...(timedOut && { timedOut: true as const }),
    ...(quietUntil !== undefined && { quietUntil }),
  });
}

/**
 * Past the pivot, and at a pivot that may have had an effect, there is no way back: tried without limit. A pivot that is
 * not idempotent keeps its limit: a person has to look at it. [R11]
 */
export const goesOnlyForward = (draft: Draft, step: StepDefinition, mayHaveEffect: boolean): boolean =>
  isAfterPivot(draft.graph, step.name) || (step.kind === 'pivot' && step.idempotent && mayHaveEffect);

export const forwardPolicy = (draft: Draft, step: StepDefinition, mayHaveEffect: boolean): ResolvedRetryPolicy =>
  goesOnlyForward(draft, step, mayHaveEffect) ? { ...step.retry, attempts: Infinity, withinMs: Infinity } : step.retry;

export const nodeRefOf = ({ step, item }: NodeRef): NodeRef => (item === undefined ? { step } : { step, item });
