import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { findPostgresBinaries } from '../postgres/binaries.js';

// A database of PostgreSQL 18 with its write-ahead log, the built services and their logs, with room to spare.
const NEEDED_MEGABYTES = 500;

/** What this machine lacks to run the shop, one line each; empty where it lacks nothing. Node itself is checked in run.mjs. */
export async function machineFaults(root: string, neededMegabytes = NEEDED_MEGABYTES): Promise<string[]> {
  const found = await Promise.all([postgresFault(), diskFault(join(root, '.data'), neededMegabytes)]);
  return found.filter((fault) => fault !== null);
}

async function postgresFault(): Promise<string | null> {
  if (process.env['DATABASE_URL']) return null;
  return findPostgresBinaries().then(
    () => null,
    (error: Error) => error.message,
  );
}

async function diskFault(folder: string, needed: number): Promise<string | null> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / 1024 ** 2);
  return free < needed ? `Only ${free} MB are free below ${folder}: make room, ${needed} MB are needed.` : null;
}
