import { parseArgs } from 'node:util';
import { AskedProcess } from './harness/asked-process.js';
import { withServer } from './harness/bench-server.js';
import { buildPrograms } from './harness/build.js';
import { LockWaits } from './harness/lock-waits.js';
import { whole } from './harness/options.js';
import { type Commits, type Deed, DEEDS, type StartsRequest } from './harness/starts-protocol.js';
import { spreadOf } from './report/spread.js';
import { cellText, markdown } from './report/tables.js';

// Whether callers that start sagas in transactions of their own commit side by side, as they do without.

const USAGE = `npm run bench:starts -- [options]
  --callers 32             transactions at once (default: 32)
  --transactions 4000      of each kind, in each repetition (default: 4000)
  --reps 5                 repetitions (default: 5)`;

const TITLES: Readonly<Record<Deed, string>> = {
  nothing: 'an insert',
  start: 'an insert, and the start of a saga',
  notify: 'an insert, and NOTIFY',
  'start and notify': 'an insert, the start of a saga, and NOTIFY',
};

interface Options {
  readonly callers: number;
  readonly transactions: number;
  readonly repetitions: number;
}

interface Measured extends Commits {
  /** Connections that waited for another's lock, on average. */
  readonly waiting: number;
}

async function main(options: Options): Promise<void> {
  await buildPrograms();
  await withServer(async (postgres) => {
    const url = await postgres.createDatabase('starts');
    const [caller, lockWaits] = [new AskedProcess<StartsRequest>('start-node'), await LockWaits.connect(url)];
    try {
      await caller.ask({ ask: 'open', url, callers: options.callers });
      console.log(tableOf(await runAll(caller, lockWaits, options)));
      await caller.close({ ask: 'close' });
    } finally {
      caller.kill();
      await lockWaits.close();
    }
  });
}

/** The kinds take turns, so that what slows the machine slows all. The first turn warms up, and is not counted. */
async function runAll(
  caller: AskedProcess<StartsRequest>,
  lockWaits: LockWaits,
  { callers, transactions, repetitions }: Options,
): Promise<ReadonlyMap<Deed, readonly Measured[]>> {
  const results = new Map<Deed, Measured[]>(DEEDS.map((deed) => [deed, []]));
  for (let repetition = 0; repetition <= repetitions; repetition += 1)
    for (const deed of DEEDS) {
      const { result, waiting } = await lockWaits.during(caller.ask({ ask: 'run', deed, callers, transactions }));
      if (repetition > 0) results.get(deed)?.push({ ...(result as Commits), waiting });
    }
  return results;
}

function tableOf(results: ReadonlyMap<Deed, readonly Measured[]>): string {
  const rows = [...results].map(([deed, commits]) => [
    TITLES[deed],
    cellText(spreadOf(commits.map(({ perSecond }) => perSecond)), 0),
    cellText(spreadOf(commits.map(({ p50Ms }) => p50Ms)), 1),
    cellText(spreadOf(commits.map(({ p99Ms }) => p99Ms)), 1),
    cellText(spreadOf(commits.map(({ waiting }) => waiting)), 1),
  ]);
  return markdown([['in a transaction', 'commits/s', 'p50 ms', 'p99 ms', 'wait for a lock'], ...rows]);
}

/** @throws Error where an option is unknown, or no whole number from 1 */
function readOptions(args: readonly string[]): Options {
  const { callers, transactions, reps } = parseArgs({
    args: [...args],
    options: {
      callers: { type: 'string', default: '32' },
      transactions: { type: 'string', default: '4000' },
      reps: { type: 'string', default: '5' },
    },
  }).values;
  return {
    callers: whole('--callers', callers),
    transactions: whole('--transactions', transactions),
    repetitions: whole('--reps', reps),
  };
}

function optionsOf(args: readonly string[]): Options | undefined {
  try {
    return readOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exitCode = 1;
  }
}

const asked = optionsOf(process.argv.slice(2));
if (asked !== undefined) await main(asked);
