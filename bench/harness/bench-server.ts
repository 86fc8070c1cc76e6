import { join } from 'node:path';
import { type Postgres, removePostgres, startPostgres } from '../../tools/postgres.js';
import { ROOT } from './build.js';

/** One for all runs: two at a time would measure one another, so the second is refused. */
const FOLDER = join(ROOT, '.data', 'bench');

/** PostgreSQL's own defaults, but for the memory; what makes commits durable is named so that nobody need wonder. */
const SETTINGS = { shared_buffers: '1GB', fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', max_connections: '100' };

/** Runs the work with a new server, and removes it afterwards; when the run is interrupted, too. */
export async function withServer(work: (postgres: Postgres) => Promise<void>): Promise<void> {
  await removePostgres(FOLDER);
  const postgres = await startPostgres({ folder: FOLDER, settings: SETTINGS });
  const stop = async (): Promise<void> => {
    await postgres.stop();
    await removePostgres(FOLDER);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().finally(() => process.exit(130)));
  try {
    await work(postgres);
  } finally {
    await stop();
  }
}
