import { SchemaMigration } from './schema-migration.js';

/** The first tables: sagas, journal, nodes. */
export class CreateSagaTables extends SchemaMigration {
  readonly name = 'CreateSagaTables1763856000000';

  protected statements(schema: string): readonly string[] {
    return [...instanceTable(schema), ...journalTable(schema), ...nodeTable(schema), ...mailboxTable(schema)];
  }
}

/**
 * Payloads are `json`, not `jsonb`, which would sort their keys and round their numbers. About half of each page is left for the
 * second version of each row: sagas that were started together end together, in one transaction, and an update that finds room in its
 * page writes only what has changed to the WAL.
 */
const instanceTable = (schema: string): readonly string[] => [
  `create table ${schema}.saga_instance (
    id uuid primary key,
    name text not null,
    version integer not null,
    hash text not null,
    key text,
    input_hash text,
    status text not null,
    paused boolean not null default false,
    pivot_begun boolean not null default false,
    owner text,
    epoch integer not null,
    revision integer not null default 0,
    wake_at timestamptz,
    started_at timestamptz not null,
    deadline_at timestamptz,
    ended_at timestamptz,
    input json not null,
    metadata json not null,
    failure json
  ) with (fillfactor = 52)`,
  // What a claim walks, longest due first. A saga that has ended has no wake_at, unless an operator takes it back.
  `create index saga_instance_due on ${schema}.saga_instance (wake_at) where owner is null and wake_at is not null`,
  // What a heartbeat reads, and what is freed when a node is gone.
  `create index saga_instance_owner on ${schema}.saga_instance (owner) where owner is not null`,
  // A saga without a key is found by its id alone.
  `create unique index saga_instance_name_key on ${schema}.saga_instance (name, key) where key is not null`,
  // Lists, newest first. It never changes; sagas of one millisecond are sorted by id as they are read.
  `create index saga_instance_started on ${schema}.saga_instance (started_at)`,
];

/**
 * No foreign key: it would lock the saga's row once more for each entry. The epoch tells the writer, since each new ownership
 * has a new one; it is null for what came from outside. A row holds the entries of one checkpoint, the first of which has its sequence: rows,
 * not bytes, are what a journal costs.
 */
const journalTable = (schema: string): readonly string[] => [
  `create table ${schema}.saga_journal (
    saga_id uuid not null,
    sequence integer not null,
    epoch integer,
    at timestamptz not null,
    entries json not null,
    primary key (saga_id, sequence)
  )`,
];

const nodeTable = (schema: string): readonly string[] => [
  `create table ${schema}.saga_node (
    id text primary key,
    lease_until timestamptz not null,
    started_at timestamptz not null default clock_timestamp()
  )`,
];

/** Signals by saga id, events by saga name and key: the saga may not exist yet. A dedupe id counts once. */
const mailboxTable = (schema: string): readonly string[] => [
  `create table ${schema}.saga_mailbox (
    id uuid primary key default gen_random_uuid(),
    saga_id uuid,
    saga_name text,
    saga_key text,
    message text not null,
    dedupe_id text,
    payload json,
    received_at timestamptz not null default clock_timestamp(),
    constraint saga_mailbox_addressed check (saga_id is not null or (saga_name is not null and saga_key is not null))
  )`,
  `create unique index saga_mailbox_signal on ${schema}.saga_mailbox (saga_id, message, dedupe_id) where saga_id is not null`,
  `create unique index saga_mailbox_event on ${schema}.saga_mailbox (saga_name, saga_key, message, dedupe_id) where saga_id is null`,
];
