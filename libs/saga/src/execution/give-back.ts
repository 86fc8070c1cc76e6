import type { CheckpointResult, Ownership, SagaRow, SagaStore } from '../store/saga-store.js';

/**
 * Gives a saga back that was claimed and is not to be run here. Nothing is written into its journal.
 *
 * @param wakeAt when a node is to look at it, milliseconds since the epoch; null: only a change from outside wakes it
 * @returns changed: it was changed from outside meanwhile, and is owned still
 */
export async function giveBack(
  store: SagaStore,
  { row, ownership }: { readonly row: SagaRow; readonly ownership: Ownership },
  wakeAt: number | null,
): Promise<CheckpointResult['kind']> {
  const { id: sagaId, status, failure, pivotBegun, endedAt } = row;
  const progress = { status, failure, pivotBegun, endedAt, wakeAt };
  return (await store.checkpoint({ sagaId, ownership, entries: [], progress, release: true })).kind;
}
