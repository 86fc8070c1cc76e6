import { join } from 'node:path';

import { optionsOf, runAsCommand, whole } from '../support/command-line.js';
import { Stage } from '../processes/stage.js';
import { removePostgres, startPostgres } from '../../tools/postgres.js';
import { chaos } from './chaos.js';
import { figuresOf } from './report.js';

const FOLDER = join(import.meta.dirname, '..', '..', '.data', `chaos-${process.pid}`);

const USAGE = `npm run chaos -- [options]
  --sagas 5000             in all
  --seconds 60             with a strike in each: a node killed or frozen, or the server stopped
  --seed 7                 of the strikes; a seed that failed can be run again`;

/** On a server of its own, which it stops and starts. */
async function main(): Promise<void> {
  const values = optionsOf(USAGE, { sagas: '5000', seconds: '60', seed: '7' });
  const options = { sagas: whole('sagas', values.sagas), seconds: whole('seconds', values.seconds), seed: whole('seed', values.seed) };
  console.log(`Chaos with seed ${options.seed}: ${options.sagas} sagas, ${options.seconds} s`);

  let server = await startPostgres({ folder: FOLDER });
  const port = Number(new URL(server.url).port);
  const strikeDatabase = async (): Promise<void> => {
    await server.stop();
    server = await startPostgres({ folder: FOLDER, port });
  };
  process.env['TEST_DATABASE_URL'] = server.url;
  const stage = await Stage.open();
  const interrupted = new Promise<never>((_, reject) => process.once('SIGINT', () => reject(new Error('Interrupted'))));
  try {
    // The server that DATABASE_URL names is not ours to stop: its connections are cut instead.
    const isOurs = !process.env['DATABASE_URL'];
    console.log(figuresOf(await Promise.race([chaos(stage, { ...options, ...(isOurs && { strikeDatabase }) }), interrupted])));
  } finally {
    await stage.close();
    await server.stop();
    await removePostgres(FOLDER);
  }
}

runAsCommand(main);
