import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../free-port.js';
import { ownerFile } from './leftover.js';
import { dataFolder, type Place } from './place.js';
import { give } from './running-user.js';

const USER = 'postgres';
const PASSWORD = 'postgres';
const START_MS = 60_000;
const STOP_MS = 15_000;

export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Makes the data folder, once. It is built beside and moved, so that a run killed half way leaves no half-made one. */
export async function initialise(place: Place): Promise<void> {
  if (existsSync(join(dataFolder(place), 'PG_VERSION'))) return;
  const unfinished = join(place.folder, 'data.unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(dataFolder(place), { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const passwordFile = join(place.folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  for (const path of [unfinished, passwordFile]) give(path, place.user);
  // The C locale sorts alike everywhere and asks nothing of the machine.
  const flags = ['--locale=C', '--encoding=UTF8', '--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${passwordFile}`, '--no-sync'];
  const initdb = run(place, 'initdb', [`--pgdata=${unfinished}`, ...flags], unfinished);
  const code = await exitOf(initdb);
  rmSync(passwordFile, { force: true });
  if (code !== 0) throw new Error(`initdb could not make a database in ${place.folder} (exit code ${code}).\n${lastLines(place)}`);
  renameSync(unfinished, dataFolder(place));
}

/** Starts the server and resolves when it answers. */
export async function launch(place: Place, port: number | undefined, settings: Readonly<Record<string, string>>): Promise<RunningServer> {
  const chosen = port ?? (await freePort());
  const all = { listen_addresses: '127.0.0.1', port: String(chosen), unix_socket_directories: '', max_connections: '200', ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A process group of its own: Ctrl-C reaches the run that started it, which stops the database last.
  const server = run(place, 'postgres', ['-D', dataFolder(place), ...flags], dataFolder(place), true);
  writeFileSync(ownerFile(dataFolder(place)), String(process.pid));
  const interrupt = (): void => void server.kill('SIGINT');
  process.once('exit', interrupt);
  try {
    await untilReady(place, server, chosen);
  } catch (error) {
    process.off('exit', interrupt);
    await end(server);
    throw error;
  }
  server.unref();
  return {
    url: `postgres://${USER}:${PASSWORD}@127.0.0.1:${chosen}/postgres`,
    async stop() {
      process.off('exit', interrupt);
      await end(server);
      rmSync(ownerFile(dataFolder(place)), { force: true });
    },
  };
}

function run(place: Place, program: string, flags: readonly string[], cwd: string, detached = false): ChildProcess {
  const log = openSync(logFile(place), 'a');
  try {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', SystemRoot: process.env['SystemRoot'] };
    return spawn(join(place.binaries, 'bin', program), flags, { ...place.user, cwd, detached, env, stdio: ['ignore', log, log] });
  } finally {
    closeSync(log);
  }
}

/** `postmaster.pid` says "ready" in its eighth line when the server takes connections. */
async function untilReady(place: Place, server: ChildProcess, port: number): Promise<void> {
  const pidFile = join(dataFolder(place), 'postmaster.pid');
  let failure: Error | undefined;
  server.once('error', (error) => (failure = error));
  for (const started = Date.now(); Date.now() - started < START_MS; await pause(25)) {
    if (failure || hasEnded(server)) break;
    if (!existsSync(pidFile)) continue;
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return;
  }
  const cause = failure ? failure.message : hasEnded(server) ? `it ended with code ${server.exitCode}` : `not ready after ${START_MS} ms`;
  throw new Error(
    `PostgreSQL in ${place.folder} did not start on 127.0.0.1:${port}: ${cause}. ` +
      `If its data is damaged or of another version, delete the folder and try again.\n${lastLines(place)}`,
  );
}

/** SIGINT is PostgreSQL's fast shutdown: it ends the connections and keeps the data. */
async function end(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || hasEnded(server)) return;
  const ended = exitOf(server);
  server.kill('SIGINT');
  const late = setTimeout(() => server.kill('SIGQUIT'), STOP_MS);
  await ended;
  clearTimeout(late);
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
}

const logFile = (place: Place): string => join(place.folder, 'postgres.log');

const lastLines = (place: Place): string => readFileSync(logFile(place), 'utf8').trimEnd().split('\n').slice(-15).join('\n');
