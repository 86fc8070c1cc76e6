import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removePostgres } from '../postgres.js';
import { isRunning } from './running-process.js';

/** Where one run keeps what is its own: database, logs, ledger. */
export class RunFolder {
  private kept = false;

  constructor(
    /** Unique among runs, and fit for the name of a database. */
    readonly name: string,
    readonly path: string,
  ) {}

  get postgres(): string {
    return join(this.path, 'postgres');
  }

  /** Leaves the folder there when the run ends, for a look at what went wrong. */
  keep(): void {
    this.kept = true;
  }

  /** Removes the folder, its database included, unless it is kept. */
  async close(): Promise<void> {
    if (!this.kept) await removeRunFolder(this.path);
  }
}

const RUNS = 'runs';
const PID_FILE = 'pid';

/** A folder of its own for a run, below `.data/runs`. Folders of runs that were killed, and their databases, are cleared away. */
export async function openRunFolder(root: string, kind: string): Promise<RunFolder> {
  const runs = join(root, '.data', RUNS);
  await mkdir(runs, { recursive: true });
  await clearLeftovers(runs);
  const name = `${kind}_${process.pid}_${Date.now().toString(36)}`;
  const path = join(runs, name);
  await mkdir(path);
  await writeFile(join(path, PID_FILE), String(process.pid));
  return new RunFolder(name, path);
}

async function clearLeftovers(runs: string): Promise<void> {
  for (const name of await readdir(runs)) {
    const path = join(runs, name);
    const pid = Number(await readFile(join(path, PID_FILE), 'utf8').catch(() => ''));
    if (pid > 0 && !isRunning(pid)) await removeRunFolder(path);
  }
}

async function removeRunFolder(path: string): Promise<void> {
  await removePostgres(join(path, 'postgres'));
  await rm(path, { recursive: true, force: true });
}
