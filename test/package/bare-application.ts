import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { ROOT, run, unpackTarball } from './tarball.js';

/** What `npm install nestjs-sagas-….tgz` brings into an application as `nest new` makes it, which has the first four. */
const INSTALLED = [
  '@nestjs/common',
  '@nestjs/core',
  'reflect-metadata',
  'rxjs',
  '@types/node',
  '@nestjs/cqrs',
  'uuid',
  '@standard-schema/spec',
];

/** As `nest new` sets it, but for its test runner; and libraries' declarations are checked too. */
const COMPILER_OPTIONS = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  resolvePackageJsonExports: true,
  esModuleInterop: true,
  isolatedModules: true,
  declaration: true,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  allowSyntheticDefaultImports: true,
  target: 'ES2023',
  types: ['node'],
  outDir: './dist',
  rootDir: './src',
  skipLibCheck: false,
  strict: true,
  strictPropertyInitialization: false,
};

/**
 * An application outside this repository with nothing installed but what the package cannot do without: packages are copied from here, so that no
 * registry is asked.
 */
export async function makeBareApplication(tarball: string, type: 'module' | 'commonjs', program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bare-application-'));
  for (const name of closureOf(INSTALLED))
    cpSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  await unpackTarball(tarball, join(folder, 'node_modules'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('package.json', JSON.stringify({ private: true, type }));
  write('tsconfig.json', JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ['src'] }));
  write('src/main.ts', program);
  return folder;
}

/** @returns what the program prints; compiled first */
export async function buildAndRun(folder: string): Promise<string> {
  // What tsc has to say stands in its output.
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch(({ stdout }: { stdout: string }) => {
    throw new Error(`tsc refuses the application:\n${stdout}`);
  });
  const { stdout } = await run(process.execPath, ['dist/main.js'], { cwd: folder });
  return stdout;
}

/** With what they depend on, as npm would hoist it. Those that lie inside a package come with it. */
function closureOf(names: readonly string[], found = new Set<string>()): ReadonlySet<string> {
  for (const name of names) {
    const manifest = join(ROOT, 'node_modules', name, 'package.json');
    if (found.has(name) || !existsSync(manifest)) continue;
    found.add(name);
    const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies?: Record<string, string> };
    closureOf(Object.keys(dependencies), found);
  }
  return found;
}
