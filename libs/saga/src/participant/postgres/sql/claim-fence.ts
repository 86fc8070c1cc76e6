import { unboundLockWait } from './bound-lock-wait.js';

/**
 * Makes the row of a (saga, step, item), or finds it, and locks it to the end of the transaction. Then waits for locks are bound as before.
 *
 * Index: the primary key. Lock: the row, exclusively. Where another transaction is making the same row it waits for that
 * one's end; `lock_timeout` bounds both waits. `do update` rather than `do nothing`, because only an update waits for, locks
 * and returns a row that somebody else has just made.
 * Replies come as text, since an app may have changed how `pg` reads JSON.
 *
 * @param values expressions for id, step and item, and for the name of the saga
 */
export const claimFence = (schema: string, values: readonly string[]): string => `
insert into ${schema}.saga_fence as fence (saga_id, step, item, saga)
values (${values.join(', ')})
on conflict (saga_id, step, item) do update set updated_at = clock_timestamp()
returning
  fence.action_state, fence.action_round, fence.action_unanswered, fence.action_failed, fence.action_reply::text as action_reply,
  fence.compensation_state, fence.compensation_round, fence.compensation_unanswered, fence.compensation_failed,
  fence.compensation_reply::text as compensation_reply,
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now, ${unboundLockWait}`;
