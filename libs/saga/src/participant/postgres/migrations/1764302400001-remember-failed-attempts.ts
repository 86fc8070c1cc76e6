import { SchemaMigration } from '../../../store/postgres/migrations/schema-migration.js';

/** A side remembers its last attempt that failed. Columns with a constant default: no row is written anew. */
export class RememberFailedAttempts extends SchemaMigration {
  readonly name = 'RememberFailedAttempts1764302400001';

  protected statements(schema: string): readonly string[] {
    const added = ['action', 'compensation'].map((side) => `add column ${side}_failed integer not null default 0`);
    return [`alter table ${schema}.saga_fence ${added.join(', ')}`];
  }
}
