import type { StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import type { NodeRef } from './journal.js';
import { attemptStarted } from './usual-entries.js';

export interface AttemptStart {
  /** 1-based. */
  readonly attempt: number;
  /** What the step waited for, by its sequence. */
  readonly message?: number;
}

/** The next forward attempt of a node begins. */
export function startAttempt(draft: Draft, step: StepDefinition, ref: NodeRef, { attempt, message }: AttemptStart): void {
  const begun = attemptStarted(ref, 'forward', attempt);
  if (message === undefined && step.kind !== 'pivot') draft.add(begun);
  else draft.add({ ...begun, ...(message !== undefined && { message }), ...pivotMarkOf(step) });
}

/** A pivot that is skipped is passed all the same: what comes after it has no way back. */
export const pivotMarkOf = ({ kind }: StepDefinition): { readonly pivot?: true } => (kind === 'pivot' ? { pivot: true } : {});
