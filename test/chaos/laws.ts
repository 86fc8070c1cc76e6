import { idempotencyKeyOf } from '../../libs/saga/src/definition/idempotency-key.js';
import { fold } from '../../libs/saga/src/planning/fold.js';
import type { NodeRef } from '../../libs/saga/src/planning/journal.js';
import { type NodeState, placedNodesOf } from '../../libs/saga/src/planning/state.js';
import { imbalances } from '../random/balance.js';
import type { Evidence } from './evidence.js';
import { endOf } from './plans.js';

const TRANSACTIONAL = 'deposit';

/** What must be true of a saga that has been through it, and is not. */
export function faultsOf(evidence: Evidence): readonly string[] {
  const { row, plan, effects } = evidence;
  if (row.status !== endOf(plan)) return [`R19: it had to be ${endOf(plan)}, and is ${row.status}`];
  const done = effects.map(({ key }) => key);
  const times = (key: string): number => done.filter((one) => one === key).length;
  return [
    ...oldEpochs(evidence),
    ...effectsNobodyBegan(evidence),
    ...imbalances([evidence], { done, times }),
    ...nodesThat(evidence).flatMap((node) => ofNode(node, times)),
  ];
}

/** Only a node that no longer owns a saga can write under an older epoch than the last entry. */
function oldEpochs({ row, journal }: Evidence): readonly string[] {
  const faults: string[] = [];
  let newest = 0;
  for (const { sequence, epoch } of journal) {
    if (epoch === null) continue;
    if (epoch < newest) faults.push(`R18: entry ${sequence} was written under epoch ${epoch}, after one under epoch ${newest}`);
    newest = Math.max(newest, epoch);
  }
  if (newest > row.epoch) faults.push(`R18: the saga is at epoch ${row.epoch}, and its journal at ${newest}`);
  return faults;
}

/** An attempt that began is made once, so its effect is there once at most, whoever made it. */
function effectsNobodyBegan({ row, journal, effects }: Evidence): readonly string[] {
  const begun = journal.flatMap((entry) =>
    entry.kind === 'attempt-started' ? [`${idempotencyKeyOf(row.id, entry)}#${entry.attempt}`] : [],
  );
  return effects.flatMap(({ key, attempt, node }) => {
    const index = begun.indexOf(`${key}#${attempt}`);
    if (index === -1) return [`R1: ${node} did ${key}#${attempt}, which did not begin, or was done before`];
    begun.splice(index, 1);
    return [];
  });
}

interface Keyed {
  readonly ref: NodeRef;
  readonly node: NodeState;
  readonly key: string;
  readonly undoKey: string;
}

function nodesThat({ row, journal }: Evidence): readonly Keyed[] {
  const state = fold(journal);
  return Object.keys(state.steps).flatMap((step) =>
    placedNodesOf(state, step).map(({ ref, node }) => ({
      ref,
      node,
      key: idempotencyKeyOf(row.id, { ...ref, direction: 'forward' }),
      undoKey: idempotencyKeyOf(row.id, { ...ref, direction: 'compensation' }),
    })),
  );
}

function ofNode({ ref, node, key, undoKey }: Keyed, times: (key: string) => number): readonly string[] {
  const { status, compensation } = node;
  const owesUndoing = status === 'succeeded' || status === 'unknown';
  const inTransaction = ref.step === TRANSACTIONAL;
  const laws: readonly (readonly [boolean, string])[] = [
    [owesUndoing || times(undoKey) === 0, 'R10: was undone, and certainly not done'],
    [!inTransaction || times(key) === (status === 'succeeded' ? 1 : 0), 'R18: a transaction commits with its checkpoint, once'],
    [!inTransaction || times(undoKey) === (compensation.status === 'compensated' ? 1 : 0), 'R18: it is undone with its checkpoint, once'],
  ];
  return laws.filter(([holds]) => !holds).map(([, what]) => `${what}: ${key} is ${status} (done ${times(key)}, undone ${times(undoKey)})`);
}
