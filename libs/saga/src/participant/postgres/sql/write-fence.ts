import type { Fence, FenceSide } from '../../fence.js';
import { type FenceKey, keyOf } from './fence-key.js';
import { literal } from './literal.js';

/** What the fence knows from now on. Index: the primary key. Lock: the row, which the transaction holds already. */
export const writeFence = (schema: string, key: FenceKey, { action, compensation }: Fence): string => `
update ${schema}.saga_fence set
  ${columnsOf('action', action)}, ${columnsOf('compensation', compensation)}, updated_at = clock_timestamp()
where (saga_id, step, item) = (${keyOf(key)})`;

function columnsOf(side: 'action' | 'compensation', { state, round, unanswered, failed, reply }: FenceSide): string {
  const stored = literal(reply === null ? null : JSON.stringify(reply));
  const counts = `${side}_round = ${round}, ${side}_unanswered = ${unanswered}, ${side}_failed = ${failed}`;
  return `${side}_state = ${literal(state)}, ${counts}, ${side}_reply = ${stored}`;
}
