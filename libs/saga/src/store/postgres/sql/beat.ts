import { asMs } from './columns.js';

/**
 * A heartbeat: extends a lease that still runs, and says what the node owns.
 * Index: saga_node's primary key, saga_instance_owner. Lock: the node's row, in turn with whoever removes expired nodes.
 */
export const beat = (schema: string): string => `
with extended as (
  update ${schema}.saga_node set lease_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
  where id = $1 and lease_until > clock_timestamp()
  returning id
)
select
  exists (select from extended) as alive,
  ${asMs('clock_timestamp()')} as now,
  (select coalesce(json_agg(json_build_object('sagaId', saga.id, 'epoch', saga.epoch, 'revision', saga.revision)), '[]')::text
   from ${schema}.saga_instance saga where saga.owner = $1) as owned`;
