import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startPostgres } from './postgres.js';
import type { Closing } from './services/closing.js';
import { machineFaults } from './services/machine.js';
import { readOptions, UsageError } from './services/options.js';
import { runTool } from './services/run-tool.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, '.data', 'postgres');
const A_DAY_MS = 86_400_000;

const USAGE = `npm run postgres

Runs the PostgreSQL that npm brought, on a free port of 127.0.0.1, until Ctrl-C, and prints the DATABASE_URL of its database. The data stays
in .data/postgres for the next time.

  --help             This text.`;

await runTool(database, { endsBySignal: true });

async function database(closing: Closing): Promise<number> {
  const options = readOptions(process.argv.slice(2), { help: { type: 'boolean' } }, USAGE);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  delete process.env['DATABASE_URL'];
  const faults = await machineFaults(ROOT);
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  await mkdir(FOLDER, { recursive: true });
  const server = await closing.open(
    'PostgreSQL',
    () => startPostgres({ folder: FOLDER }),
    (started) => started.stop(),
  );
  console.log(`export DATABASE_URL=${server.url}`);
  console.error('PostgreSQL runs until Ctrl-C. Paste the line above into the terminal of your application.');
  for (;;) await delay(A_DAY_MS, undefined, { signal: closing.signal });
}
