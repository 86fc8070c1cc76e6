import { SchemaMigration } from '../../../store/postgres/migrations/schema-migration.js';

/** A side may be `deferred`. Not validated: what the looser constraint forbids, the former one forbade, and no row need be read while the table is locked. */
export class DeferReplies extends SchemaMigration {
  readonly name = 'DeferReplies1764216600001';

  protected statements(schema: string): readonly string[] {
    const sides = ['action', 'compensation'];
    const dropped = sides.map((side) => `drop constraint saga_fence_${side}_state`);
    const added = sides.map(
      (side) =>
        `add constraint saga_fence_${side}_state check (${side}_state in ('untouched', 'started', 'deferred', 'succeeded', 'refused')) not valid`,
    );
    return [`alter table ${schema}.saga_fence ${[...dropped, ...added].join(', ')}`];
  }
}
