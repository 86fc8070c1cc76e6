import type { Fence, FenceSide } from '../../fence.js';
import { type FenceKey, keyOf } from './fence-key.js';

const KEY = ['saga_id', 'step', 'item'];
const COLUMNS = ['action', 'compensation'].flatMap((side) =>
  ['state', 'round', 'unanswered', 'failed', 'reply'].map((column) => `${side}_${column}`),
);

/**
 * What the fence knows from now on. Index: the primary key. Lock: the row, which the transaction holds already.
 * @param values expressions, in the order of `fenceValues`
 */
export const writeFence = (schema: string, values: readonly string[]): string => {
  const [key, columns] = [values.slice(0, KEY.length), values.slice(KEY.length)];
  return `
update ${schema}.saga_fence set ${COLUMNS.map((column, index) => `${column} = ${columns[index]}`).join(', ')}, updated_at = clock_timestamp()
where ${KEY.map((column, index) => `${column} = ${key[index]}`).join(' and ')}`;
};

/** How many `writeFence` takes. */
export const FENCE_VALUES = KEY.length + COLUMNS.length;

export const fenceValues = (key: FenceKey, { action, compensation }: Fence): readonly (string | number | null)[] => [
  ...keyOf(key),
  ...valuesOf(action),
  ...valuesOf(compensation),
];

const valuesOf = ({ state, round, unanswered, failed, reply }: FenceSide): readonly (string | number | null)[] => [
  state,
  round,
  unanswered,
  failed,
  reply === null ? null : JSON.stringify(reply),
];
