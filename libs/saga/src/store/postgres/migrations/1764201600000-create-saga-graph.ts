import { SchemaMigration } from './schema-migration.js';

/** Graphs of definitions by their hash: a node with a later one reads what a saga began under. [R23] */
export class CreateSagaGraph extends SchemaMigration {
  readonly name = 'CreateSagaGraph1764201600000';

  protected statements(schema: string): readonly string[] {
    return [
      // No name and version: sagas whose graphs are alike share one.
      `create table ${schema}.saga_graph (
        hash text primary key,
        steps json not null,
        registered_at timestamptz not null default clock_timestamp()
      )`,
    ];
  }
}
