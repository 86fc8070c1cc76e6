import { asMs, asTime } from './columns.js';
import { endedFor } from './ended.js';

/**
 * Roots of families whose time may have come, from a position on, by their ends. A child whose parent is gone, or is emptied, is a root.
 *
 * Index: saga_instance_ended, from the position on; saga_instance_parent tells whether there are children. A child whose family stays is
 * passed over by one look at its parent, by the primary key: with `exists` the planner may read the whole table instead. Lock: none.
 */
export const listEnded = (schema: string): string => `
select saga.id::text as id, ${asMs('saga.ended_at')} as ended_at,
  coalesce((select true from ${schema}.saga_instance child where child.parent_id = saga.id limit 1), false) as has_children
from ${schema}.saga_instance saga
where not saga.emptied and ${endedFor('saga', '$1::float8')}
  and (saga.ended_at, saga.id) > (${asTime('$2::float8')}, $3::uuid)
  and (saga.parent_id is null
    or coalesce((select parent.emptied from ${schema}.saga_instance parent where parent.id = saga.parent_id), true))
order by saga.ended_at, saga.id
limit $4::int`;
