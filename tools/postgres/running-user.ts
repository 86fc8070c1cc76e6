import { chownSync, existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface RunningUser {
  readonly uid: number;
  readonly gid: number;
}

/** Users that a server may run as in place of root, the best first. Both stand in every usual `/etc/passwd`. */
const UNPRIVILEGED = ['postgres', 'nobody'];

/** PostgreSQL refuses to run as root. Who it runs as instead; nothing, where this process is not root. */
export async function runningUser(): Promise<RunningUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of UNPRIVILEGED) {
    const account = accounts.find(([user]) => user === name);
    if (account) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Error(
    `PostgreSQL cannot run as root, and this machine has no user named ${UNPRIVILEGED.join(' or ')}. ` +
      'Run as another user, add one (useradd postgres), or set DATABASE_URL to a PostgreSQL server of your own.',
  );
}

/** Makes the path the user's own; nothing to do where this process is the user. */
export function give(path: string, user: RunningUser | undefined): void {
  if (user) chownSync(path, user.uid, user.gid);
}

/** Whether the user gets into each folder above `path`: a clone below /root is closed to everybody else. */
export function canReach(user: RunningUser, path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(folder) && !mayEnter(user, folder)) return false;
    if (folder === dirname(folder)) return true;
  }
}

function mayEnter(user: RunningUser, folder: string): boolean {
  const { mode, uid, gid } = statSync(folder);
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
