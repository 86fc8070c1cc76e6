/**
 * The fence. `action_…` and `compensation_…` say the same of the two directions; `unanswered` counts calls of a handler
 * with effects outside that may have begun and never replied. Replies are `json`, not `jsonb`: keys keep their order.
 */
export const createFence = (schema: string): string => `
create table ${schema}.saga_fence (
  saga_id text not null,
  step text not null,
  item integer not null,
  saga text not null,
  action_state text not null default 'untouched' check (action_state in ('untouched', 'started', 'succeeded', 'refused')),
  action_round integer not null default 0,
  action_unanswered integer not null default 0,
  action_reply json,
  compensation_state text not null default 'untouched' check (compensation_state in ('untouched', 'started', 'succeeded', 'refused')),
  compensation_round integer not null default 0,
  compensation_unanswered integer not null default 0,
  compensation_reply json,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (saga_id, step, item)
)`;
