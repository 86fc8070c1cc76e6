import { ownersWithoutNode } from './owners-without-node.js';
import { isGone } from './session-locks.js';

/**
 * Removes nodes that are gone, and names them, and every other owner that has no node.
 *
 * Index: saga_instance_owner, from end to end. Lock: the rows of those nodes; one whose heartbeat is under way is passed over. A removed node never comes
 * back: its next heartbeat finds no row.
 */
export const removeGoneNodes = (schema: string): string => `
with gone as (
  select id from ${schema}.saga_node node where ${isGone('node')} for update skip locked
), removed as (
  delete from ${schema}.saga_node using gone where saga_node.id = gone.id returning saga_node.id
)
select id from removed
union
${ownersWithoutNode(schema)}`;
