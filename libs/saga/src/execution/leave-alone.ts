import type { CheckpointResult, Ownership, SagaRow, SagaStore } from '../store/saga-store.js';
import { DEFINITION_LOOK_MS } from './execution-options.js';
import { giveBack } from './give-back.js';
import type { SagaClock } from './saga-clock.js';

/**
 * Gives a saga back that no definition here fits. Nothing is written into its journal. In a while it is due again: for a node that
 * has the definition that it needs, or for this one after its next deploy. [R23]
 */
export async function leaveAlone(
  { store, clock }: { readonly store: SagaStore; readonly clock: SagaClock },
  claimed: { readonly row: SagaRow; readonly ownership: Ownership },
): Promise<CheckpointResult['kind']> {
  return giveBack(store, claimed, claimed.row.paused ? null : clock.now() + DEFINITION_LOOK_MS);
}
