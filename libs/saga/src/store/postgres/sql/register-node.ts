import { isHeld } from './session-locks.js';

/**
 * A node appears; sent twice, because the first answer was lost, it says the same. A session lock that nobody holds is not written down: whoever
 * looks would take the node for dead. Index: the primary key. Lock: its row.
 */
export const registerNode = (schema: string): string => `
insert into ${schema}.saga_node (id, lease_until, session_lock, lock_seen_at)
select $1, clock_timestamp() + $2::float8 * interval '1 millisecond', lock, case when lock is not null then clock_timestamp() end
from (select case when ${isHeld('$3::int')} then $3::int end as lock) as session
on conflict (id) do update set lease_until = excluded.lease_until, session_lock = excluded.session_lock, lock_seen_at = excluded.lock_seen_at
returning session_lock`;
