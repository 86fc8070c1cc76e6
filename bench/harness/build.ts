import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '..', '..');
export const BENCH = join(ROOT, 'bench');

/** The library lies beside the programs as an installed package would: what they import is what npm would bring. */
const LIBRARY = join(BENCH, 'dist', 'node_modules', 'nestjs-sagas');

/** Where a program's JavaScript is, once it is built. */
export const entryOf = (program: string): string => join(BENCH, 'dist', 'programs', `${program}.js`);

/** Installs the peers, which the programs are compiled against, then compiles the library and the programs; what did not change is not compiled again. */
export async function buildPrograms(): Promise<void> {
  await installPeers();
  await mkdir(join(LIBRARY, 'dist'), { recursive: true });
  await cp(join(ROOT, 'libs', 'saga', 'package.json'), join(LIBRARY, 'package.json'));
  const library = join(ROOT, 'libs', 'saga', 'tsconfig.lib.json');
  await compile([library, '--outDir', join(LIBRARY, 'dist'), '--tsBuildInfoFile', join(LIBRARY, 'tsconfig.tsbuildinfo')]);
  await compile([join(BENCH, 'tsconfig.build.json')]);
}

async function compile(project: readonly string[]): Promise<void> {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', ...project], { cwd: ROOT });
  } catch (error) {
    const { stdout = '' } = error as { readonly stdout?: string };
    throw new Error(`The benchmark does not compile.\n${stdout.trimEnd()}`, { cause: error });
  }
}

/** Installs what bench/package.json names, unless it is there already. */
async function installPeers(): Promise<void> {
  if (await areInstalled()) return;
  console.error('Installing the peers into bench/node_modules …');
  const npm = spawn('npm', ['ci'], { cwd: BENCH, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
  const code = await new Promise((resolve, reject) => npm.once('error', reject).once('close', resolve));
  if (code !== 0)
    throw new Error(
      `npm ci in bench/ ended with code ${String(code)}. The peers come from the npm registry: see that it can be reached, and run it again.`,
    );
}

/** npm writes down what it installed, in the form of the lock file. */
async function areInstalled(): Promise<boolean> {
  const [wanted, installed] = await Promise.all(
    [join(BENCH, 'package-lock.json'), join(BENCH, 'node_modules', '.package-lock.json')].map(packagesIn),
  );
  return Object.entries(wanted ?? {}).every(
    ([path, { version, optional }]) => path === '' || optional === true || installed?.[path]?.version === version,
  );
}

type Packages = Readonly<Record<string, { readonly version: string; readonly optional?: boolean }>>;

const packagesIn = async (lockFile: string): Promise<Packages | undefined> =>
  readFile(lockFile, 'utf8').then(
    (text) => (JSON.parse(text) as { readonly packages: Packages }).packages,
    () => undefined,
  );
