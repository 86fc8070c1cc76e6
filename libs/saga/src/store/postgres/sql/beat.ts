import { asMs } from './columns.js';
import { ownersWithoutNode } from './owners-without-node.js';
import { isGone, isHeld } from './session-locks.js';

/**
 * A heartbeat: extends a lease that still runs, says whether the session lock is held, what the node owns, and whether somebody is gone.
 * Index: saga_node's primary key; saga_instance_owner, once for its own sagas and once from end to end. Lock: the node's row, in turn with whoever removes nodes that are gone.
 */
export const beat = (schema: string): string => `
with session as (
  select case when ${isHeld('$3::int')} then $3::int end as lock
), extended as (
  update ${schema}.saga_node
  set lease_until = clock_timestamp() + $2::float8 * interval '1 millisecond',
      session_lock = session.lock, lock_seen_at = case when session.lock is not null then clock_timestamp() end
  from session where id = $1 and lease_until > clock_timestamp()
  returning id
)
select
  exists (select from extended) as alive,
  (select lock from session) as session_lock,
  ${asMs('clock_timestamp()')} as now,
  (select coalesce(json_agg(json_build_object('sagaId', saga.id, 'epoch', saga.epoch, 'revision', saga.revision)), '[]')::text
   from ${schema}.saga_instance saga where saga.owner = $1) as owned,
  exists (select from ${schema}.saga_node node where node.id <> $1 and ${isGone('node')})
    or exists (${ownersWithoutNode(schema)}) as others_gone`;
