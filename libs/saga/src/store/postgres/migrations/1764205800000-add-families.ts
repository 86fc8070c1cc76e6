import { SchemaMigration } from './schema-migration.js';

/** Which saga runs another as a step. */
export class AddFamilies extends SchemaMigration {
  readonly name = 'AddFamilies1764205800000';

  /** Which step, or item, of which saga runs this one. */
  protected statements(schema: string): readonly string[] {
    return [
      `alter table ${schema}.saga_instance
        add column parent_id uuid,
        add column parent_step text,
        add column parent_item integer`,
      `create index saga_instance_parent on ${schema}.saga_instance (parent_id) where parent_id is not null`,
    ];
  }
}
