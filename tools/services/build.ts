import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { isRunning } from './running-process.js';
import { entryOf, SERVICES, type ServiceName } from './topology.js';

export interface BuildOptions {
  /** The workspace. */
  readonly root: string;
  /** Called before `nest build` runs; not called where nothing is to be built. */
  readonly onBuild?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** How the services came to be built. */
export type BuildResult = 'built' | 'up to date';

const SOURCES = ['apps', 'libs', 'nest-cli.json', 'tsconfig.json', 'package-lock.json'];
const OTHERS_BUILD_WITHIN_MS = 180_000;
/** A compiler takes some 300 MB. */
const MOST_COMPILERS = 3;

/**
 * Builds the apps with `nest build`, unless they were built from these very sources. One build at a time in a
 * workspace: a second caller waits, since a service must not start from files that are being written.
 */
export async function buildServices(options: BuildOptions): Promise<BuildResult> {
  const { root, signal } = options;
  const lock = join(root, '.data', 'build.lock');
  await mkdir(join(root, '.data'), { recursive: true });
  await eventually(() => takeLock(lock), {
    withinMs: OTHERS_BUILD_WITHIN_MS,
    everyMs: 200,
    signal,
    otherwise: () => `Another build holds ${lock} since ${OTHERS_BUILD_WITHIN_MS / 1000} s. Delete that file if none is under way.`,
  });
  try {
    return await buildWhereNeeded(options);
  } finally {
    await rm(lock, { force: true });
  }
}

async function buildWhereNeeded({ root, onBuild, signal }: BuildOptions): Promise<BuildResult> {
  const stamp = join(root, 'dist', 'services.stamp');
  const fingerprint = await fingerprintOf(root);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === fingerprint && (await hasAllEntries(root))) return 'up to date';
  onBuild?.();
  await rm(stamp, { force: true });
  await nestBuild(root, signal);
  await writeFile(stamp, fingerprint);
  return 'built';
}

async function takeLock(lock: string): Promise<true | undefined> {
  try {
    const file = await open(lock, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (holder > 0 && !isRunning(holder)) await rm(lock, { force: true });
  return undefined;
}

async function hasAllEntries(root: string): Promise<boolean> {
  const entries = SERVICES.map((service) => access(entryOf(service, join(root, 'dist'))));
  return Promise.all(entries).then(
    () => true,
    () => false,
  );
}

async function fingerprintOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES)
    for (const file of await filesIn(join(root, source)))
      hash
        .update(`${file}\0`)
        .update(await readFile(file))
        .update('\0');
  return hash.digest('hex');
}

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
  if (!entries) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** Each process compiles some of the apps: one alone would leave the other cores idle. */
async function nestBuild(root: string, signal: AbortSignal | undefined): Promise<void> {
  const lanes = Math.min(availableParallelism(), MOST_COMPILERS);
  const shares = Array.from({ length: lanes }, (_, lane) => SERVICES.filter((_service, index) => index % lanes === lane));
  const failure = new AbortController();
  const either = AbortSignal.any([failure.signal, ...(signal ? [signal] : [])]);
  const compile = (share: readonly ServiceName[]): Promise<void> =>
    compileApps(root, share, either).catch((error: unknown) => {
      failure.abort(error);
      throw error;
    });
  // All have ended before this does: none writes on once the lock is given back.
  const ended = await Promise.allSettled(shares.map(compile));
  either.throwIfAborted();
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
}

/** Throws with the compiler's own words where the sources do not compile. */
async function compileApps(root: string, services: readonly ServiceName[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const nest = createRequire(join(root, 'package.json')).resolve('@nestjs/cli/bin/nest.js');
  const child = spawn(process.execPath, [nest, 'build', ...services], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => signal.removeEventListener('abort', stop));
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`nest build ${services.join(' ')} failed:\n${output.trimEnd()}`);
}
