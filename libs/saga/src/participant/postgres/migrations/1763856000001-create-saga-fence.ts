import { SchemaMigration } from '../../../store/postgres/migrations/schema-migration.js';

/** What a participant remembers of the commands that it has handled. */
export class CreateSagaFence extends SchemaMigration {
  readonly name = 'CreateSagaFence1763856000001';

  protected statements(schema: string): readonly string[] {
    return fenceTable(schema);
  }
}

/**
 * `action_…` and `compensation_…` say the same of the two directions; `unanswered` counts calls of a handler with effects
 * outside that may have begun and never replied. Replies are `json`, not `jsonb`: keys keep their order. Room is left in each
 * page, because each row is updated once at least, and no indexed column changes (HOT).
 */
const fenceTable = (schema: string): readonly string[] => [
  `create table ${schema}.saga_fence (
    saga_id text not null,
    step text not null,
    item integer not null,
    saga text not null,
    action_state text not null default 'untouched',
    action_round integer not null default 0,
    action_unanswered integer not null default 0,
    action_reply json,
    compensation_state text not null default 'untouched',
    compensation_round integer not null default 0,
    compensation_unanswered integer not null default 0,
    compensation_reply json,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    constraint saga_fence_action_state check (action_state in ('untouched', 'started', 'succeeded', 'refused')),
    constraint saga_fence_compensation_state check (compensation_state in ('untouched', 'started', 'succeeded', 'refused')),
    primary key (saga_id, step, item)
  ) with (fillfactor = 80)`,
  // What the sweep walks: what may have expired, without looking at what has not.
  `create index saga_fence_created_at on ${schema}.saga_fence (created_at)`,
];
