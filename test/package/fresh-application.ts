import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import type { Stop } from '../docs/readme-walk.js';
import { ROOT } from './tarball.js';

const execute = promisify(execFile);
const BIN = join(ROOT, 'node_modules', '.bin');

/**
 * The applications that the README is tried in.
 *
 * - `esm`: as `nest new` makes it, with vitest
 * - `commonjs`: as `nest new` makes it where CommonJS is chosen, with jest
 * - `swc`: the first, with SWC as its builder
 * - `oldest`: the oldest packages that we say we work with, compiled by tsc alone
 */
export type Kind = 'esm' | 'commonjs' | 'swc' | 'oldest';

/** The lower ends of our peer dependencies: https://docs.npmjs.com/cli/configuring-npm/package-json#peerdependencies */
const OLDEST = {
  '@nestjs/common': '11.0.0',
  '@nestjs/core': '11.0.0',
  '@nestjs/cqrs': '11.0.0',
  '@nestjs/typeorm': '11.0.0',
  pg: '8.11.0',
  'reflect-metadata': '0.2.0',
  rxjs: '7.8.0',
  typeorm: '0.3.20',
};

export interface FreshApplication {
  readonly kind: Kind;
  readonly folder: string;
  readonly tarball: string;
  readonly databaseUrl: string;
}

/** Makes an application in a folder of its own, outside this repository. Nothing is installed yet. */
export async function makeFreshApplication(kind: Kind, given: { tarball: string; databaseUrl: string }): Promise<FreshApplication> {
  const parent = mkdtempSync(join(tmpdir(), 'fresh-application-'));
  const application = { kind, folder: join(parent, kind), ...given };
  await (kind === 'oldest' ? makeOldest(application) : generate(application, parent));
  if (kind === 'swc') {
    edit(application, 'nest-cli.json', (config) => ({ ...config, compilerOptions: { builder: 'swc', deleteOutDir: true } }));
    edit(application, 'package.json', withPackages('devDependencies', { '@swc/cli': '^0.8.0', '@swc/core': '^1.15.0' }));
  }
  return application;
}

/** What the reader of the README does there. @returns what the application printed, where it was run */
export async function follow(application: FreshApplication, stop: Stop): Promise<string> {
  if (stop.kind === 'writes') {
    write(application, stop.path, stop.text);
    return '';
  }
  if (stop.kind === 'runs') {
    for (const command of stop.commands) await shell(application, commandIn(application, command));
    return '';
  }
  await shell(application, 'npm run build');
  return ownLines(await shell(application, 'node dist/main.js'));
}

/** Nest's log, with what it prints below a line of it, is not the application's. */
export const ownLines = (text: string): string => text.replaceAll(/^.*\[Nest\] .*\n/gm, '');

/** Runs the application's own tests, with another Node's `bin` folder before all others where one is given. */
export const testApplication = async (application: FreshApplication, bin = ''): Promise<string> => {
  const PATH = [bin, process.env['PATH']].filter(Boolean).join(delimiter);
  return shell(application, 'npm test 2>&1', { PATH });
};

function write({ folder, kind }: FreshApplication, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  // Jest in CommonJS looks for the very file that an import names, so that Nest's templates name no extension there.
  const isTest = kind === 'commonjs' && path.endsWith('.spec.ts');
  writeFileSync(join(folder, path), isTest ? text.replaceAll(/(from '\.[^']*)\.js'/g, "$1'") : text);
}

function commandIn({ kind, tarball }: FreshApplication, command: string): string {
  if (kind !== 'oldest') return command.replace(/\S+\.tgz/, tarball);
  // Its versions stand in its package.json.
  if (command.startsWith('npm install')) return command.includes('.tgz') ? `npm install ${tarball}` : 'true';
  return command.replace('npm start', 'npm run build && node dist/main.js');
}

async function generate({ kind, folder }: FreshApplication, cwd: string): Promise<void> {
  const name = folder.slice(cwd.length + 1);
  // `nest new` asks which modules to use, and without a terminal takes ES modules. What it runs then takes the answer as a flag.
  if (kind === 'commonjs')
    await execute(
      join(BIN, 'schematics'),
      ['@nestjs/schematics:application', `--name=${name}`, '--type=cjs', '--language=ts', '--package-manager=npm'],
      { cwd },
    );
  else await execute(join(BIN, 'nest'), ['new', name, '--skip-install', '--skip-git', '--package-manager', 'npm', '--no-observe'], { cwd });
}

async function makeOldest(application: FreshApplication): Promise<void> {
  const dependencies = { ...OLDEST, '@types/node': '^20.19.0', typescript: '~6.0.3' };
  write(application, 'package.json', JSON.stringify({ private: true, type: 'module', scripts: { build: 'tsc' }, dependencies }));
  const template = readFileSync(join(ROOT, 'node_modules/@nestjs/schematics/dist/lib/application/files/ts-esm/tsconfig.json'), 'utf8');
  const { compilerOptions } = JSON.parse(template.replace(/<%= strict %>/, 'true')) as { compilerOptions: object };
  const own = { rootDir: './src', types: ['node'] };
  write(application, 'tsconfig.json', JSON.stringify({ compilerOptions: { ...compilerOptions, ...own }, include: ['src'] }));
}

type Json = Readonly<Record<string, unknown>>;

function edit({ folder }: FreshApplication, path: string, change: (json: Json) => Json): void {
  const file = join(folder, path);
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as Json), null, 2));
}

const withPackages =
  (field: string, packages: Json) =>
  (manifest: Json): Json => ({ ...manifest, [field]: { ...(manifest[field] as Json), ...packages } });

/** @returns what it printed; a refusal of the registry is tried once more */
export async function shell({ folder, databaseUrl }: FreshApplication, command: string, extra: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { ...environment(), DATABASE_URL: databaseUrl, ...extra };
  const once = async (): Promise<string> =>
    (await execute('sh', ['-c', command], { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  const told = (error: unknown): never => {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} failed in ${folder}:\n${stdout}\n${stderr}`);
  };
  const isInstall = command.startsWith('npm install');
  return once().catch(async (error: unknown) => (isInstall ? once().catch(told) : told(error)));
}

/** That of a shell of one's own: nothing of the npm and the jest that run this. Packages come from npm's cache where they are there. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_(registry|cache|userconfig))|JEST_|NODE_ENV|INIT_CWD)/i.test(name),
  );
  const npm = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false', NO_COLOR: '1' };
  return { ...Object.fromEntries(inherited), ...npm };
}
