import { SchemaMigration } from './schema-migration.js';

/** What is left of a saga after its retention. */
export class AddRetention extends SchemaMigration {
  readonly name = 'AddRetention1764209400000';

  /** An emptied saga has ended, and has lost its journal and its payloads; its key still finds it. */
  protected statements(schema: string): readonly string[] {
    return [
      `alter table ${schema}.saga_instance add column emptied boolean not null default false`,
      // What the sweep of ended sagas walks. The columns change at a saga's end and after it, never on the way: its updates stay HOT.
      `create index saga_instance_ended on ${schema}.saga_instance (ended_at) where ended_at is not null and not emptied`,
      // What the sweep of their keys walks.
      `create index saga_instance_emptied on ${schema}.saga_instance (ended_at) where emptied`,
    ];
  }
}
