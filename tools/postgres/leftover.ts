import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const FAST_SHUTDOWN_MS = 10_000;

/**
 * Makes a data folder free to start: a run that was killed leaves its server running, or its `postmaster.pid` behind.
 * A server is ended only when it surely serves this folder and the process that started it is gone.
 * @throws Error when another run that is still alive uses the folder.
 */
export async function clearLeftover(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!servesFolder(pid, data)) {
    rmSync(pidFile, { force: true }); // the number may belong to a stranger by now, and PostgreSQL would wait for it
    return;
  }
  const owner = readOwner(data);
  if (owner !== undefined && owner === parentOf(pid)) {
    throw new Error(`The database in ${data} is in use by process ${owner}. Stop that run first, or use another folder.`);
  }
  await end(pid, data);
}

/** Remembers who started the server of a data folder, so that a later run tells a leftover from a server in use. */
export function ownerFile(data: string): string {
  return `${data}.owner`;
}

function readOwner(data: string): number | undefined {
  return existsSync(ownerFile(data)) ? Number(readFileSync(ownerFile(data), 'utf8')) : undefined;
}

async function end(pid: number, data: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!servesFolder(pid, data)) return;
    process.kill(pid, signal);
    for (const started = Date.now(); Date.now() - started < FAST_SHUTDOWN_MS; await pause(50)) {
      if (!servesFolder(pid, data)) return;
    }
  }
  throw new Error(`The database server ${pid} of a killed run still holds ${data} and does not stop. End process ${pid}, then try again.`);
}

/** Whether process `pid` is a PostgreSQL server of exactly this data folder: a number alone proves nothing. */
function servesFolder(pid: number, data: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    if (process.platform === 'linux') {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return command.includes('postgres') && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(`postgres -D ${data} `);
  } catch {
    return false;
  }
}

function parentOf(pid: number): number | undefined {
  try {
    if (process.platform === 'linux') return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return undefined;
  }
}
