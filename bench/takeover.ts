import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { AskedProcess } from './harness/asked-process.js';
import { withServer } from './harness/bench-server.js';
import { buildPrograms } from './harness/build.js';
import type { TakeoverRequest } from './harness/takeover-protocol.js';
import { spreadOf } from './report/spread.js';
import { markdown, numberText } from './report/tables.js';

// How soon the sagas of a process that is killed are another one's, and at their end.

const ROUNDS = 20;
const SAGAS = 500;
/** Kills fall anywhere between two looks of the one that stays. */
const MOST_MS_BEFORE = 1_000;
const LOOK_MS = 5;
/** Longer than any lease: who waits so long has failed. */
const PATIENCE_MS = 30_000;

interface Round {
  readonly inFlight: number;
  readonly noticedMs: number;
  readonly ownedMs: number;
  readonly endedMs: number;
  readonly madeAgain: number;
}

type Node = AskedProcess<TakeoverRequest>;

async function main(): Promise<void> {
  await buildPrograms();
  await withServer(async (postgres) => {
    const url = await postgres.createDatabase('takeover');
    const database = new Client({ connectionString: url });
    const survivor: Node = new AskedProcess('takeover-node');
    try {
      await survivor.ask({ ask: 'open', url });
      await database.connect();
      const rounds = new Array<Round>();
      // The first warms everything up.
      for (let round = 0; round <= ROUNDS; round += 1) rounds.push(await killOne(url, database, survivor));
      console.log(tableOf(rounds.slice(1)));
      await survivor.close({ ask: 'close' });
    } finally {
      survivor.kill();
      await database.end();
    }
  });
}

async function killOne(url: string, database: Client, survivor: Node): Promise<Round> {
  const victim: Node = new AskedProcess('takeover-node');
  try {
    await victim.ask({ ask: 'open', url });
    await victim.ask({ ask: 'fill', sagas: SAGAS });
    const id = await newest(database);
    const before = await survivor.ask({ ask: 'count attempts made again' });
    await pause(Math.random() * MOST_MS_BEFORE);
    const killedAt = performance.now();
    victim.kill();
    const times = await watch(database, id, killedAt);
    const madeAgain = Number(await survivor.ask({ ask: 'count attempts made again' })) - Number(before);
    return { ...times, madeAgain };
  } finally {
    victim.kill();
  }
}

async function newest(database: Client): Promise<string> {
  const { rows } = await database.query<{ id: string }>('select id from saga.saga_node order by started_at desc limit 1');
  return rows[0]?.id ?? '';
}

/** Sagas that are not at their end have an owner, or are due. */
const LOOK = `
select exists (select from saga.saga_node where id = $1) as known,
  (select count(*)::int from saga.saga_instance where owner = $1) as dead,
  (select count(*)::int from saga.saga_instance where owner is null and wake_at is not null) as nobodys,
  (select count(*)::int from saga.saga_instance where owner is not null) as owned`;

async function watch(database: Client, id: string, killedAt: number): Promise<Omit<Round, 'madeAgain'>> {
  let [inFlight, noticedMs, ownedMs, endedMs] = [0, 0, 0, 0];
  while (endedMs === 0) {
    const { rows } = await database.query<{ known: boolean; dead: number; nobodys: number; owned: number }>(LOOK, [id]);
    const { known = true, dead = 0, nobodys = 0, owned = 0 } = rows[0] ?? {};
    const ms = performance.now() - killedAt;
    if (known) inFlight = Math.max(inFlight, dead);
    else noticedMs ||= ms;
    if (!known && dead + nobodys === 0) ownedMs ||= ms;
    if (ownedMs > 0 && owned + nobodys === 0) endedMs = ms;
    if (ms > PATIENCE_MS) throw new Error(`Of the node that was killed, ${dead} sagas are still its own, and ${nobodys} nobody's.`);
    await pause(LOOK_MS);
  }
  return { inFlight, noticedMs, ownedMs, endedMs };
}

const ROWS: readonly (readonly [string, keyof Round])[] = [
  ['sagas in flight', 'inFlight'],
  ['ms until the node is known to be dead', 'noticedMs'],
  ['ms until all are owned by another', 'ownedMs'],
  ['ms until all have ended', 'endedMs'],
  ['attempts made again', 'madeAgain'],
];

function tableOf(rounds: readonly Round[]): string {
  const rows = ROWS.map(([title, figure]) => {
    const spread = spreadOf(rounds.map((round) => round[figure]));
    return [title, ...[spread?.min, spread?.median, spread?.max].map((value = 0) => numberText(value, 0))];
  });
  return markdown([[`${rounds.length} kills`, 'least', 'median', 'most'], ...rows]);
}

await main();
