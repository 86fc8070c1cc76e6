import { idempotencyKeyOf } from '../../libs/saga/src/definition/idempotency-key.js';
import { fold } from '../../libs/saga/src/planning/fold.js';
import type { NodeRef } from '../../libs/saga/src/planning/journal.js';
import { type NodeState, placedNodesOf } from '../../libs/saga/src/planning/state.js';
import type { SagaRow, StoredSaga } from '../../libs/saga/src/store/saga-store.js';
import type { OutsideWorld } from './deeds.js';

/** They leave nothing that would have to be undone. */
const HARMLESS = ['approval', 'payment', 'closing', 'thank'];
/** Their children do what they do. */
const CHILD_STEPS = ['ship', 'wrap'];

type Ended = Pick<StoredSaga, 'journal'> & { readonly row: Pick<SagaRow, 'id' | 'name' | 'status' | 'parent'> };

type Done = Pick<OutsideWorld, 'done' | 'times'>;

/** What was done outside, held against what the journals of sagas that have ended say. @returns what does not balance */
export function imbalances(sagas: readonly Ended[], world: Done): readonly string[] {
  return sagas.flatMap((saga) => [...ofSteps(saga, world), ...ofChild(saga, sagas)]);
}

function ofSteps({ row, journal }: Ended, world: Done): readonly string[] {
  const state = fold(journal);
  return Object.keys(state.steps).flatMap((step) =>
    placedNodesOf(state, step)
      .filter(({ ref }) => !CHILD_STEPS.includes(ref.step))
      .flatMap(({ ref, node }) => ofNode(row, { ref, node }, world)),
  );
}

function ofNode(row: Ended['row'], { ref, node }: { readonly ref: NodeRef; readonly node: NodeState }, world: Done): string[] {
  const keys = (['forward', 'compensation'] as const).map((direction) => idempotencyKeyOf(row.id, { ...ref, direction }));
  const [key = '', undoKey = ''] = keys;
  const done = world.times(key);
  const undone = world.times(undoKey);
  const { compensation, status } = node;
  const isUndoneLast = world.done.lastIndexOf(undoKey) > world.done.lastIndexOf(key);
  const mayStay = row.status === 'completed' || HARMLESS.includes(ref.step);
  const laws: readonly (readonly [boolean, string])[] = [
    [done <= node.attempts && undone <= compensation.attempts, 'R1: is done more often than it was begun'],
    [status !== 'succeeded' || done > 0, 'R2: counts as done, and nobody did it'],
    [status !== 'failed' || done === 0, 'R9: counts as certainly not done, and was done'],
    [row.status !== 'completed' || undone === 0, 'R11: is undone in a saga that is completed'],
    [mayStay || done === 0 || (undone > 0 && isUndoneLast), 'R10: was done, and stays'],
    [compensation.status !== 'compensated' || undone > 0, 'R15: counts as undone, and nobody undid it'],
  ];
  return laws.filter(([holds]) => !holds).map(([, what]) => `${what}: ${key} (done ${done}, undone ${undone})`);
}

/** A child is not left alone: what its parent came to it came to, too. [R31] */
function ofChild({ row }: Ended, sagas: readonly Ended[]): readonly string[] {
  const parent = sagas.find((saga) => saga.row.id === row.parent?.sagaId);
  if (parent === undefined || parent.row.status === row.status) return [];
  return [`R31: ${row.name} ${row.id} is ${row.status}, and its parent is ${parent.row.status}`];
}
