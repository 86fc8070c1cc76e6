import { fold } from './fold.js';
import type { Entry, EntryBody } from './journal.js';
import { hasEnded } from './saga-status.js';
import type { SagaState } from './state.js';

export interface Recall {
  /** For its journal, and for its compensations. */
  readonly reason: string;
  /** Also where it was completed. */
  readonly takesBack: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What a parent's wish that its child unwinds makes of the child; no entries: it does so already, or cannot. Pure. [R31] */
export function recallChild(journal: readonly Entry[], recall: Recall): { readonly entries: readonly Entry[]; readonly state: SagaState } {
  const state = fold(journal);
  const body = bodyOf(state, recall);
  const entries: readonly Entry[] = body === undefined ? [] : [{ ...body, sequence: state.sequence + 1, at: recall.at }];
  return { entries, state: fold(entries, state) };
}

function bodyOf({ status, unwinding, cancelReason, pivotBegun }: SagaState, { reason, takesBack }: Recall): EntryBody | undefined {
  if (status === 'completed' && takesBack && !pivotBegun)
    return { kind: 'unwinding-began', failure: { kind: 'cancelled', code: 'SAGA_TAKEN_BACK', message: reason } };
  if (hasEnded(status) || unwinding || cancelReason !== null) return undefined;
  if (pivotBegun) return { kind: 'alert-raised', message: `its parent wants it back, and its pivot has begun: ${reason}` };
  return { kind: 'cancel-requested', reason };
}

/** The journal of a child that is wanted back before it is there: it begins nothing, and ends undone. [R14, R31] */
export function neverBegun(reason: string, at: number): readonly Entry[] {
  const failure = { kind: 'cancelled', message: reason } as const;
  const bodies: readonly EntryBody[] = [
    { kind: 'saga-started' },
    { kind: 'cancel-requested', reason },
    { kind: 'unwinding-began', failure },
    { kind: 'saga-compensated', failure },
  ];
  return bodies.map((body, index) => ({ ...body, sequence: index + 1, at }));
}
