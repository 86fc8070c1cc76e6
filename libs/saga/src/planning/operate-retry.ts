import type { EntryBody } from './journal.js';
import type { OperatedSaga } from './operate.js';
import type { ByOperator } from './operator-note.js';
import { type NodeState, placedNodesOf, type Tries } from './state.js';

/** A new round for all that keeps a stuck saga from going on, in the direction in which it went. [R16, R25] */
export function entriesOfReopening({ state, definition }: OperatedSaga, { by }: ByOperator): readonly EntryBody[] {
  // Where the limit is not known, a step that died and is not under way is what keeps it stuck: it would have been run again.
  const crashLimit = definition?.crashLimit ?? 1;
  const isPoison = ({ open, crashes }: Tries): boolean => open === null && crashes >= crashLimit;
  return Object.keys(state.steps).flatMap((step) =>
    placedNodesOf(state, step).flatMap(({ ref, node }): readonly EntryBody[] => {
      const { compensation } = node;
      if (!state.unwinding) return failedOr(isPoison, node) ? [{ kind: 'step-reopened', ...ref, round: node.round + 1, by }] : [];
      if (compensation.status !== 'failed' && !(compensation.status === 'started' && isPoison(compensation))) return [];
      return [{ kind: 'compensation-reopened', ...ref, round: compensation.round + 1, by }];
    }),
  );
}

const failedOr = (isPoison: (tries: Tries) => boolean, node: NodeState): boolean =>
  node.status === 'unknown' || (node.status === 'failed' && !node.passed) || (node.status === 'started' && isPoison(node));
