import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tsImport } from 'tsx/esm/api';

const DATA = join(import.meta.dirname, '..', '..', '.data');
const RUN_FOLDER = /^test-(\d+)$/;

/**
 * Jest's global set-up: one PostgreSQL for the whole run, its url in TEST_DATABASE_URL.
 * It is JavaScript because jest loads it with `require`, which does not find TypeScript behind `.js` imports.
 */
export default async function startDatabase() {
  /** @type {typeof import('../../tools/postgres.js')} */
  const { startPostgres, removePostgres } = await tsImport('../../tools/postgres.ts', import.meta.url);
  for (const folder of abandonedFolders()) await removePostgres(folder);

  const folder = join(DATA, `test-${process.pid}`);
  // What tests write need not survive the machine, so that no commit waits for the disk.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const starting = startPostgres({ folder, settings });
  const stop = async () => {
    const server = await starting.catch(() => undefined);
    await server?.stop();
    await removePostgres(folder);
  };
  globalThis.stopTestDatabase = stop;
  // Jest skips its global tear-down when it is interrupted.
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  process.once('SIGTERM', () => void stop().finally(() => process.exit(143)));
  process.env['TEST_DATABASE_URL'] = (await starting).url;
}

/** Folders of runs that were killed before they could clean up. */
function abandonedFolders() {
  if (!existsSync(DATA)) return [];
  const names = readdirSync(DATA).filter((name) => RUN_FOLDER.test(name));
  return names.filter((name) => !isRunning(Number(RUN_FOLDER.exec(name)?.[1]))).map((name) => join(DATA, name));
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
