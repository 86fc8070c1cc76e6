import { SchemaMigration } from './schema-migration.js';

/** Events and signals that no saga has consumed yet. */
export class AddMessages extends SchemaMigration {
  readonly name = 'AddMessages1764202200000';

  /** `number` orders messages, which clocks do not. A parked message waits for a saga that does not exist yet. */
  protected statements(schema: string): readonly string[] {
    return [
      `alter table ${schema}.saga_mailbox
        add column number bigint generated always as identity,
        add column channel text not null default 'signal',
        add column parked boolean not null default false`,
      // What whoever looks for messages that were left lying walks: nearly always empty.
      `create index saga_mailbox_undelivered on ${schema}.saga_mailbox (received_at) where not parked`,
      // What the sweep walks.
      `create index saga_mailbox_received on ${schema}.saga_mailbox (received_at)`,
    ];
  }
}
