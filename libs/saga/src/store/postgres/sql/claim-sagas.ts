import { asMs } from './columns.js';
import { isKilled } from './session-locks.js';

/**
 * Takes what is due and nobody's, longest due first, under a new epoch, for a node whose lease runs; and names the nodes that were killed: who
 * claims looks often enough to notice soon, and no further statement is needed.
 *
 * Index: saga_instance_due, then the primary key. The clock is asked in a subquery, once: asked for each row it could not bound the walk, and every timer of
 * the future would be looked at. Lock: the rows; what another node is claiming is passed over. The sagas are loaded by the next
 * statement: read by this one, a journal would be as it was before the lock, and could lack what came from outside.
 *
 * What woke them is over, and their rows say so here, where every index is written anyhow: their next checkpoint then has no index of the row to write, or leaves
 * the row as it is.
 *
 * The commit does not wait for the disk, so that a saga is taken up sooner. Lost with the server, the claim never was: nothing is done under it
 * before a checkpoint is durable, which stands behind it in the log; and a checkpoint of a claim that was lost does not pass.
 */
export const claimSagas = (schema: string): string => `
with due as (
  select id, wake_at from ${schema}.saga_instance
  where owner is null and wake_at <= (select clock_timestamp())
    and name || ' ' || version = any($3::text[])
    and exists (select from ${schema}.saga_node node where node.id = $1 and node.lease_until > clock_timestamp())
  order by wake_at
  limit $2::int
  for no key update skip locked
), claimed as (
  update ${schema}.saga_instance as saga set owner = $1, epoch = epoch + 1, wake_at = null
  from due where saga.id = due.id
  returning saga.id, due.wake_at, set_config('synchronous_commit', 'off', true)
)
select id::text as id, ${asMs('wake_at')} as wake_at, false as killed from claimed
union all
select node.id, null, true from ${schema}.saga_node node where node.id <> $1 and ${isKilled('node')}`;
