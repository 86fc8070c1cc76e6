/**
 * What the fence knows from now on. Index: the primary key. Lock: the row, which the transaction holds already.
 * Parameters: saga id, step, item, then state, round, unanswered and reply (JSON) of the action, and of the compensation.
 */
export const writeFence = (schema: string): string => `
update ${schema}.saga_fence set
  action_state = $4, action_round = $5, action_unanswered = $6, action_reply = $7,
  compensation_state = $8, compensation_round = $9, compensation_unanswered = $10, compensation_reply = $11,
  updated_at = clock_timestamp()
where saga_id = $1 and step = $2 and item = $3`;
