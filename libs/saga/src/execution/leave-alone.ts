import type { CheckpointResult, Ownership, SagaRow, SagaStore } from '../store/saga-store.js';
import { DEFINITION_LOOK_MS } from './execution-options.js';
import type { SagaClock } from './saga-clock.js';

/**
 * Gives a saga back that no definition here fits. Nothing is written into its journal. In a while it is due again: for a node that
 * has the definition that it needs, or for this one after its next deploy. [R23]
 */
export async function leaveAlone(
  { store, clock }: { readonly store: SagaStore; readonly clock: SagaClock },
  { row, ownership }: { readonly row: SagaRow; readonly ownership: Ownership },
): Promise<CheckpointResult['kind']> {
  const { id: sagaId, status, failure, pivotBegun, endedAt, paused } = row;
  const progress = { status, failure, pivotBegun, endedAt, wakeAt: paused ? null : clock.now() + DEFINITION_LOOK_MS };
  return (await store.checkpoint({ sagaId, ownership, entries: [], progress, release: true })).kind;
}
