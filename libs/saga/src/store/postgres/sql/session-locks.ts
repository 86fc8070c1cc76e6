/** First half of the number of each session's advisory lock: 'saga' in ASCII. Who else takes locks of two numbers hardly has this one. */
const LOCK_CLASS = 0x73616761;

/** Of `$1`, the second half. Lock: that one, until the session ends. */
export const holdSessionLock = (): string => `select pg_advisory_lock(${LOCK_CLASS}, $1::int)`;

/**
 * The second halves of all session locks that are held in this database. It looks at the list of locks instead of trying to take one: a session
 * that holds a lock is given it again, and would take the holder, which it is itself, for gone.
 */
const HELD = `select lock.objid::int4 from pg_locks lock
  where lock.locktype = 'advisory' and lock.granted and lock.objsubid = 2 and lock.classid = ${LOCK_CLASS}
    and lock.database = (select oid from pg_database where datname = current_database())`;

/** Whether a session holds that lock. Null where there is none. */
export const isHeld = (lock: string): string => `${lock} = any (array(${HELD}))`;

/**
 * Whether a node was killed, or cut off: the lock that its session held is gone. Null where it says of none. What it said before the server
 * started proves nothing: that took the locks of the living, too.
 */
export const isKilled = (node: string): string =>
  `(${node}.lock_seen_at > pg_postmaster_start_time() and not (${isHeld(`${node}.session_lock`)}))`;

/** Whether a node is gone: killed, or its lease has run out. */
export const isGone = (node: string): string => `(${node}.lease_until <= clock_timestamp() or coalesce(${isKilled(node)}, false))`;
