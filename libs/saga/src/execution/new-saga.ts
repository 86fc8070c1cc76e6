import type { SagaInstance } from '../planning/definition.js';
import { fold } from '../planning/fold.js';
import type { Entry } from '../planning/journal.js';
import type { NewSaga } from '../store/saga-store.js';
import { progressOf } from './progress.js';

interface Birth {
  /** Of its definition. */
  readonly hash: string;
  readonly inputHash: string | null;
  /** When a node is to take it up, milliseconds since the epoch. */
  readonly wakeAt: number;
}

/** A saga for any node to take up. */
export function unownedSaga(instance: SagaInstance, { hash, inputHash, wakeAt }: Birth): NewSaga {
  const entries = [firstEntryOf(instance)];
  return { instance, hash, inputHash, entries, progress: progressOf(fold(entries), wakeAt), owner: null };
}

export const firstEntryOf = ({ startedAt }: SagaInstance): Entry => ({ kind: 'saga-started', sequence: 1, at: startedAt });
