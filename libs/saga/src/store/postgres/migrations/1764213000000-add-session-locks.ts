import { SchemaMigration } from './schema-migration.js';

/** How a node that was killed is noticed at once. */
export class AddSessionLocks extends SchemaMigration {
  readonly name = 'AddSessionLocks1764213000000';

  /** The advisory lock that a node's session holds. A node of the version before says nothing of one: its lease alone counts. */
  protected statements(schema: string): readonly string[] {
    return [
      `alter table ${schema}.saga_node
        add column session_lock integer,
        add column lock_seen_at timestamptz`,
    ];
  }
}
