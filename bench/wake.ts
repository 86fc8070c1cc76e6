import { AskedProcess } from './harness/asked-process.js';
import { withServer } from './harness/bench-server.js';
import { buildPrograms } from './harness/build.js';
import type { How, Waits, WakeRequest } from './harness/wake-protocol.js';
import { percentile } from './report/spread.js';
import { markdown, numberText } from './report/tables.js';

// How soon an idle process takes up a saga that another one started.

const SAGAS = 200;
const WARM_UP = 20;
const IDLE_MS = 60;
const HOWS: readonly How[] = ['start', 'in a transaction'];

async function main(): Promise<void> {
  await buildPrograms();
  await withServer(async (postgres) => {
    const url = await postgres.createDatabase('wake');
    const [starter, worker] = [new AskedProcess<WakeRequest>('wake-node'), new AskedProcess<WakeRequest>('wake-node')];
    try {
      await worker.ask({ ask: 'open', url, executes: true });
      await starter.ask({ ask: 'open', url, executes: false });
      const rows = new Array<readonly string[]>();
      for (const how of HOWS) {
        await starter.ask({ ask: 'start', how, sagas: WARM_UP, idleMs: IDLE_MS });
        rows.push(...rowsOf(how, (await starter.ask({ ask: 'start', how, sagas: SAGAS, idleMs: IDLE_MS })) as Waits));
      }
      console.log(markdown([['ms after the commit', 'p50', 'p99', 'most'], ...rows]));
      for (const process of [starter, worker]) await process.close({ ask: 'close' });
    } finally {
      for (const process of [starter, worker]) process.kill();
    }
  });
}

const rowsOf = (how: How, { called, known }: Waits): readonly (readonly string[])[] => [
  rowOf(`${how}: the step is called`, called),
  rowOf(`${how}: its result is known`, known),
];

function rowOf(what: string, waits: readonly number[]): readonly string[] {
  const sorted = waits.toSorted((left, right) => left - right);
  return [what, ...[0.5, 0.99, 1].map((share) => numberText(percentile(sorted, share), 1))];
}

await main();
