import type { Direction, EntryBody, EntryKind, NodeRef } from './journal.js';
import type { StoredValue } from './payload.js';

/**
 * The entries that nearly all sagas are made of. Each is written out, with room for what the draft fills in: V8 gives an object that grows later
 * a second one for what was added, and puts that into its old generation, from where it kept whole sagas that were over.
 */
export type UsualEntry<Kind extends EntryKind> = Extract<EntryBody, { kind: Kind }> & { readonly sequence: number; readonly at: number };

export const attemptStarted = ({ step, item }: NodeRef, direction: Direction, attempt: number): UsualEntry<'attempt-started'> =>
  item === undefined
    ? { kind: 'attempt-started', step, direction, attempt, sequence: 0, at: 0 }
    : { kind: 'attempt-started', step, item, direction, attempt, sequence: 0, at: 0 };

export function stepSucceeded({ step, item }: NodeRef, result: StoredValue | undefined): UsualEntry<'step-succeeded'> {
  if (item !== undefined) return { kind: 'step-succeeded', step, item, ...(result !== undefined && { result }), sequence: 0, at: 0 };
  if (result === undefined) return { kind: 'step-succeeded', step, sequence: 0, at: 0 };
  return { kind: 'step-succeeded', step, result, sequence: 0, at: 0 };
}

export const compensationSucceeded = ({ step, item }: NodeRef): UsualEntry<'compensation-succeeded'> =>
  item === undefined
    ? { kind: 'compensation-succeeded', step, sequence: 0, at: 0 }
    : { kind: 'compensation-succeeded', step, item, sequence: 0, at: 0 };

export const sagaCompleted = (): UsualEntry<'saga-completed'> => ({ kind: 'saga-completed', sequence: 0, at: 0 });
