import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findPostgresBinaries } from './binaries.js';
import { canReach, give, runningUser, type RunningUser } from './running-user.js';

/** Where one server of ours lies, and who it runs as. */
export interface Place {
  /** Holds `data` and `postgres.log`. */
  readonly folder: string;
  /** Holds `bin`, `lib` and `share`. */
  readonly binaries: string;
  /** Missing, where this process may run a server itself. */
  readonly user: RunningUser | undefined;
}

export const dataFolder = (place: Place): string => join(place.folder, 'data');

/**
 * A folder that the server can use. Run by root in a clone that others cannot enter (below /root), it is a folder for
 * temporary files in place of the wished one, and the binaries are copied.
 */
export async function preparePlace(wished: string): Promise<Place> {
  mkdirSync(resolve(wished), { recursive: true });
  const user = await runningUser();
  const binaries = await findPostgresBinaries();
  if (!user) return { folder: resolve(wished), binaries, user };
  const folder = canReach(user, resolve(wished)) ? resolve(wished) : temporary('data', resolve(wished));
  mkdirSync(folder, { recursive: true });
  give(folder, user);
  return { folder, binaries: canReach(user, join(binaries, 'bin', 'postgres')) ? binaries : copyOf(binaries), user };
}

/** Copied beside and renamed, so that no other run starts from half a copy. */
function copyOf(binaries: string): string {
  const copy = temporary('native', `${binaries} ${statSync(binaries).mtimeMs}`); // another copy for another version
  if (existsSync(copy)) {
    if (statSync(copy).uid !== process.getuid?.()) throw new Error(`${copy} belongs to somebody else. Delete it and try again.`);
    return copy;
  }
  const unfinished = `${copy}.${process.pid}`;
  cpSync(binaries, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error; // otherwise another run was quicker
  }
  return copy;
}

function temporary(kind: string, original: string): string {
  const name = createHash('sha256').update(original).digest('hex').slice(0, 12);
  return join(tmpdir(), `nestjs-sagas-${kind}-${name}`);
}
