import { join } from 'node:path';

import { removePostgres, startPostgres } from '../../tools/postgres.js';
import { optionsOf, runAsCommand, whole } from '../support/command-line.js';
import { TRANSPORTS, useTransport, type TransportName } from '../support/transports.js';
import { figuresOf } from './report.js';
import { scramble } from './scramble.js';

const FOLDER = join(import.meta.dirname, '..', '..', '.data', `scramble-${process.pid}`);

const USAGE = `npm run scramble -- [options]
  --transport nats         one of ${TRANSPORTS.join(', ')}; left out: over each of them
  --sagas 2000             orders
  --kills 80               of the processes, spread over the run
  --seed 7                 of what the network does; a seed that failed can be run again`;

async function main(): Promise<void> {
  const values = optionsOf(USAGE, { transport: undefined, sagas: '2000', kills: '80', seed: '7' });
  const numbers = { sagas: whole('sagas', values.sagas), kills: whole('kills', values.kills), seed: whole('seed', values.seed) };
  const transports = values.transport === undefined ? TRANSPORTS : [transportOf(values.transport)];
  const server = await startPostgres({ folder: FOLDER });
  process.env['TEST_DATABASE_URL'] = server.url;
  const interrupted = new Promise<never>((_, reject) => process.once('SIGINT', () => reject(new Error('Interrupted'))));
  try {
    for (const name of transports) await Promise.race([runOver(name, numbers), interrupted]);
  } finally {
    await server.stop();
    await removePostgres(FOLDER);
  }
}

async function runOver(
  name: TransportName,
  numbers: { readonly sagas: number; readonly kills: number; readonly seed: number },
): Promise<void> {
  console.log(`Scrambling over ${name} with seed ${numbers.seed}: ${numbers.sagas} orders, ${numbers.kills} kills`);
  const { transport, end } = useTransport(name);
  try {
    console.log(figuresOf(await scramble({ transport, ...numbers })));
  } finally {
    await end();
  }
}

function transportOf(given: string): TransportName {
  const found = TRANSPORTS.find((name) => name.toLowerCase() === given.toLowerCase());
  if (found === undefined) throw new Error(`--transport is ${given}; give one of ${TRANSPORTS.join(', ')}`);
  return found;
}

runAsCommand(main);
