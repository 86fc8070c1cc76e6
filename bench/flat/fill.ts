import type { Client } from 'pg';
import type { AskedProcess } from '../harness/asked-process.js';
import type { WaitingRequest, WaitingSaga } from '../harness/waiting-protocol.js';
import { until } from './until.js';

/** How many rows a table is to hold. */
export interface Amounts {
  /** Sagas that have ended. */
  readonly ended: number;
  /** Sagas that wait: one half for a signal, the other for a time, in days. */
  readonly waiting: number;
  /** Messages that nobody has taken. */
  readonly mail: number;
}

/** Those that wait lie between those that have ended, as time would have laid them. */
const PARTS = 10;

/**
 * Fills the tables. One saga of each sort is run by a node; the others are copies of its rows, journal and all, whatever columns they have:
 * each could go on, or be swept, as its original could. Ids and times are spread over the last twenty days, in order:
 * nothing is old enough to be swept. Vacuums, as a server that has been up for so long would have.
 */
export async function fillTables(client: Client, node: AskedProcess<WaitingRequest>, { ended, waiting, mail }: Amounts): Promise<void> {
  for (const saga of ['order', 'approval', 'reminder'] as const) await node.ask({ ask: 'begin', saga, sagas: 1 });
  await untilAtRest(client);
  const originals = await client.query<{ id: string; name: WaitingSaga }>('select id, name from saga.saga_instance');
  const amounts = { order: ended, approval: Math.ceil(waiting / 2), reminder: Math.floor(waiting / 2) };
  const statement = await copyStatement(client);
  for (let part = 0; part < PARTS; part += 1)
    for (const { id, name } of originals.rows) {
      await client.query(statement, [id, Math.ceil(amounts[name] / PARTS), part / PARTS, 1 / PARTS]);
    }
  await client.query(MAIL, [mail]);
  await client.query('vacuum (analyze)');
}

/** Every saga waits, or has ended: no node has one in memory. */
export async function untilAtRest(client: Client): Promise<void> {
  await until('all sagas are at rest', async () => {
    const { rows } = await client.query('select from saga.saga_instance where owner is not null or wake_at <= now() limit 1');
    return rows.length === 0;
  });
}

/** What differs from copy to copy; everything else is taken over. Ids begin with the time, as those of the library do. */
const OWN: Readonly<Record<string, string>> = {
  id: `(lpad(to_hex((extract(epoch from started) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
        || 'a' || substr(md5(random()::text), 1, 15))::uuid`,
  key: `'key-' || md5(random()::text)`,
  started_at: 'started',
  ended_at: `original.ended_at - original.started_at + started`,
  wake_at: `original.wake_at + random() * interval '10 days'`,
};

/** $1: the original, $2: how many, $3 and $4: from which share of the twenty days on, and how much of them. */
async function copyStatement(client: Client): Promise<string> {
  const instance = await columnsOf(client, 'saga_instance');
  const journal = (await columnsOf(client, 'saga_journal')).filter((name) => name !== 'saga_id');
  return `
    with copied as (
      insert into saga.saga_instance (${instance.join(', ')})
      select ${instance.map((name) => OWN[name] ?? `original.${name}`).join(', ')}
      from generate_series(1, $2::int) as number
        cross join lateral (select now() - interval '20 days' * (1 - $3::float8 - $4::float8 * (number - 1) / $2::int) as started) as time
        cross join saga.saga_instance original
      where original.id = $1::uuid
      returning id
    )
    insert into saga.saga_journal (saga_id, ${journal.join(', ')})
    select copied.id, ${journal.map((name) => `entry.${name}`).join(', ')}
    from copied cross join saga.saga_journal entry where entry.saga_id = $1::uuid
    order by copied.id`;
}

async function columnsOf(client: Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select column_name as name from information_schema.columns where table_schema = 'saga' and table_name = $1 order by ordinal_position`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** Half of it for sagas that do not exist yet, as an event that came too early; half for sagas that wait for something else. */
const MAIL = `
  insert into saga.saga_mailbox (saga_id, saga_name, saga_key, message, parked)
  select
    case when number % 2 = 0 then gen_random_uuid() end, case when number % 2 = 1 then 'order' end, case when number % 2 = 1 then 'key-' || number end,
    'approved', true
  from generate_series(1, $1::int) as number`;
