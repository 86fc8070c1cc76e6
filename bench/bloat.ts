import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { type Command, runCommand } from './harness/command.js';
import { withServer } from './harness/bench-server.js';
import { buildPrograms } from './harness/build.js';
import { ProgramProcess } from './harness/program-process.js';
import { markdown, numberText } from './report/tables.js';

// Whether tables come to a stable size where sagas end, are swept and vacuumed all the time.

const USAGE = `npm run bench:bloat -- [options]
  --sagas 200000           in all
  --rate 400               a second
  --every 20               seconds between two looks at the sizes`;

const DEFAULTS = { sagas: 200_000, rate: 400, every: 20 };

/** Sagas at once: enough to keep the rate. */
const FLIGHT = 32;

/** The rate is kept by pauses between portions: one a second. */
const PORTION_MS = 1_000;

/** At the most: the last sweep comes within a minute after the last key's time, which is seventy seconds (programs/swept.ts); autovacuum a minute after that. */
const AFTERWARDS_MS = 300_000;

/** What the tables held at one moment. */
interface Look {
  readonly seconds: number;
  /** Started so far. */
  readonly sagas: number;
  readonly tables: readonly TableSize[];
}

interface TableSize {
  readonly name: string;
  readonly heap_mb: number;
  readonly indexes_mb: number;
  /** Rows, and rows that are dead and not yet vacuumed, as the server counts them. */
  readonly live: number;
  readonly dead: number;
  readonly vacuums: number;
}

const SIZES = `
  select relname as name, pg_table_size(relid)::float8 / 1048576 as heap_mb, pg_indexes_size(relid)::float8 / 1048576 as indexes_mb,
    n_live_tup::int as live, n_dead_tup::int as dead, autovacuum_count::int as vacuums
  from pg_stat_user_tables where relname in ('saga_instance', 'saga_journal') order by relname`;

/** Of the time under load, the part whose largest size is compared with that of the part before. */
const PARTS = 4;
const STABLE = 1.1;

const bloat: Command<keyof typeof DEFAULTS> = {
  usage: USAGE,
  defaults: DEFAULTS,
  async run(options) {
    await buildPrograms();
    await withServer(async (postgres) => {
      const url = await postgres.createDatabase('bloat');
      const program = new ProgramProcess('swept');
      const client = new Client({ connectionString: url });
      try {
        await program.open(url);
        await client.connect();
        console.log(await watch(client, program, options));
        await program.close();
      } finally {
        await client.end();
        program.kill();
      }
    });
  },
};

type Options = Readonly<Record<keyof typeof DEFAULTS, number>>;

/** Runs all sagas, then waits until the last of them are swept, and looks at the sizes all the while. */
async function watch(client: Client, program: ProgramProcess, options: Options): Promise<string> {
  const looks = new Array<Look>();
  const running = { sagas: 0, isOver: false };
  const looking = lookEvery(options.every * 1_000, running, async (seconds) => {
    const { rows } = await client.query<TableSize>(SIZES);
    const look: Look = { seconds, sagas: running.sagas, tables: rows };
    looks.push(look);
    console.error(cellsOf(look).join('  '));
  });
  const from = performance.now();
  await runAll(program, options, running);
  const loadedSeconds = (performance.now() - from) / 1_000;
  await untilSwept(looks, options.every * 1_000);
  running.isOver = true;
  await looking;
  return `\n${markdown([HEAD, ...looks.map(cellsOf)])}\n\n${verdictOf(looks, loadedSeconds)}`;
}

/** No row is there any more, and none is left to be vacuumed. */
async function untilSwept(looks: readonly Look[], everyMs: number): Promise<void> {
  const givenUpAt = performance.now() + AFTERWARDS_MS;
  const isSwept = (): boolean => looks.at(-1)?.tables.every(({ live, dead }) => live + dead === 0) === true;
  while (!isSwept() && performance.now() < givenUpAt) await pause(everyMs);
}

async function lookEvery(everyMs: number, running: { readonly isOver: boolean }, look: (seconds: number) => Promise<void>): Promise<void> {
  const from = performance.now();
  for (let next = from; !running.isOver; next += everyMs) {
    await pause(Math.max(0, next - performance.now()));
    await look((performance.now() - from) / 1_000);
  }
}

async function runAll(program: ProgramProcess, { sagas, rate }: Options, running: { sagas: number }): Promise<void> {
  while (running.sagas < sagas) {
    const from = performance.now();
    const portion = Math.min(rate, sagas - running.sagas);
    await program.measure({ kind: 'happy', flight: FLIGHT, sagas: portion, profile: undefined });
    running.sagas += portion;
    await pause(Math.max(0, PORTION_MS - (performance.now() - from)));
  }
}

const HEAD = ['s', 'sagas', ...['instance', 'journal'].flatMap((name) => [`${name} MB`, 'indexes MB', 'rows', 'dead', 'vacuums'])];

const cellsOf = ({ seconds, sagas, tables }: Look): readonly string[] => [
  numberText(seconds, 0),
  numberText(sagas, 0),
  ...tables.flatMap((table) =>
    [table.heap_mb, table.indexes_mb, table.live, table.dead, table.vacuums].map((value) => numberText(value, 0)),
  ),
];

const totalOf = ({ tables }: Look): number => tables.reduce((sum, { heap_mb, indexes_mb }) => sum + heap_mb + indexes_mb, 0);

function verdictOf(looks: readonly Look[], loadedSeconds: number): string {
  const largestIn = (part: number): number =>
    Math.max(0, ...looks.filter(({ seconds }) => Math.floor((seconds / loadedSeconds) * PARTS) === part).map(totalOf));
  const [before, last] = [largestIn(PARTS - 2), largestIn(PARTS - 1)];
  const isStable = last > 0 && last / before <= STABLE;
  if (!isStable) process.exitCode = 1;
  const [earlier, later, end] = [before, last, ...looks.slice(-1).map(totalOf)].map((mb) => numberText(mb, 0));
  return `Tables and indexes, at the most: ${earlier} MB in the third quarter of the load, ${later} MB in the fourth: ${isStable ? 'stable' : 'NOT STABLE'}. In the end: ${end} MB.`;
}

await runCommand(bloat);
