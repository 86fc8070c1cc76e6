import type { Client, Pool } from 'pg';
import type { Endings } from '../harness/protocol.js';

// What the two programs on the bare driver write: a row for each saga, and a row for each outcome.

export type Status = 'running' | 'completed' | 'compensated';

const CREATE = `
  create table saga (
    id uuid primary key,
    status text not null,
    input json not null,
    started_at timestamptz not null default now(),
    ended_at timestamptz
  );
  create table journal (
    saga_id uuid not null,
    sequence integer not null,
    at timestamptz not null default now(),
    body json not null,
    primary key (saga_id, sequence)
  )`;

/** A completed saga has the results of its three steps; a compensated one two results, the refusal and two compensations. */
const ENDINGS = `
  select
    count(*) filter (where status = 'completed' and entries = 3) as completed,
    count(*) filter (where status = 'compensated' and entries = 5) as compensated,
    count(*) as all
  from saga left join (select saga_id, count(*) as entries from journal group by saga_id) as j on j.saga_id = id`;

export async function createTables(database: Client | Pool): Promise<void> {
  await database.query(CREATE);
}

export async function readEndings(database: Client | Pool): Promise<Endings> {
  const { rows } = await database.query<Record<'completed' | 'compensated' | 'all', string>>(ENDINGS);
  const [completed = 0, compensated = 0, all = 0] = rows.flatMap((row) => [row.completed, row.compensated, row.all].map(Number));
  return { completed, compensated, other: all - completed - compensated };
}
