import type { Checkpoint, StoredSaga } from '../../libs/saga/src/store/saga-store.js';
import { runningSaga } from './sagas.js';
import type { Side } from './side.js';

/** Sagas that were just started together, and that the node owns. */
export async function running({ store, node }: Side, count: number): Promise<readonly StoredSaga[]> {
  const sagas = Array.from({ length: count }, () => runningSaga(node));
  await Promise.all(sagas.map(async (saga) => store.start(saga)));
  const stored = await Promise.all(sagas.map(async ({ instance }) => store.load(instance.id)));
  return stored.flatMap((saga) => saga ?? []);
}

/** Writes a checkpoint of each of them, all at once. */
export async function checkpointing(
  { store }: Side,
  sagas: readonly StoredSaga[],
  next: (saga: StoredSaga) => Checkpoint | Promise<Checkpoint>,
): Promise<() => Promise<unknown>> {
  const checkpoints = await Promise.all(sagas.map(async (saga) => next(saga)));
  return async () => {
    const results = await Promise.all(checkpoints.map(async (checkpoint) => store.checkpoint(checkpoint)));
    const refused = results.find(({ kind }) => kind !== 'passed');
    if (refused) throw new Error(`A checkpoint was refused: ${refused.kind}`);
  };
}
