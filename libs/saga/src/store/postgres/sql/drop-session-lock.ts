/**
 * A session is gone, and its process lives: until it has another one, its nodes live by their leases alone. Index: none, the table has a row a
 * node. Lock: the nodes' rows.
 */
export const dropSessionLock = (schema: string): string => `
update ${schema}.saga_node set session_lock = null, lock_seen_at = null where session_lock = $1::int`;
