import { fold } from '../planning/fold.js';
import type { Entry } from '../planning/journal.js';
import { hasEnded } from '../planning/saga-status.js';
import type { StoredSaga } from '../store/saga-store.js';
import { isReason, LONGEST_REASON } from './operator-notes.js';

/** What a request to cancel makes of a saga. */
export interface Cancellation {
  readonly accepted: boolean;
  readonly entries: readonly Entry[];
}

/** The first reason stays; a saga that unwinds already does what was asked for. Past the pivot it is said aloud, and changes nothing. [R11, R30] */
export function cancellationOf({ row, journal }: StoredSaga, reason: string, at: number): Cancellation {
  const state = fold(journal);
  const next = { sequence: state.sequence + 1, at };
  if (hasEnded(row.status)) return { accepted: false, entries: [] };
  if (state.unwinding || state.cancelReason !== null) return { accepted: !state.pivotBegun, entries: [] };
  if (!state.pivotBegun) return { accepted: true, entries: [{ kind: 'cancel-requested', reason, ...next }] };
  const message = `a cancel was refused, its pivot has begun: ${reason}`;
  return { accepted: false, entries: [{ kind: 'alert-raised', message, ...next }] };
}

/** It is stored, and handed to each compensation. [R5] @throws RangeError */
export function requireReason(reason: unknown): void {
  if (isReason(reason)) return;
  throw new RangeError(
    `cancel(reason) takes a text of 1 to ${LONGEST_REASON} characters, without U+0000 and lone surrogates. Nothing was changed.`,
  );
}
