/**
 * Deletes a batch of rows that nothing has touched for the retention. Index: saga_fence_created_at, whose column never
 * changes, so that updates of a row stay cheap. Lock: the deleted rows; those that a command holds are passed over.
 * Parameters: age in milliseconds, size of the batch.
 */
export const sweepFence = (schema: string): string => `
delete from ${schema}.saga_fence
where (saga_id, step, item) in (
  select saga_id, step, item from ${schema}.saga_fence
  where created_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
    and updated_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
  order by created_at
  limit $2
  for update skip locked
)`;
