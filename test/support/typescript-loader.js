// Loaded before a process that a test starts (node --import): it runs TypeScript as the tests do, by SWC and `.swcrc`, which keep what
// Nest reads of decorated classes.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const ROOT = join(import.meta.dirname, '..', '..');
const ENTRIES = /^nestjs-sagas(?:\/(postgres|testing))?$/;

// The hooks below run in a thread of their own, which loads this file again.
if (isMainThread) register(import.meta.url);

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const entry = ENTRIES.exec(specifier);
  if (entry) return next(pathToFileURL(join(ROOT, 'libs/saga/src', `${entry[1] ?? 'index'}.ts`)).href, context);
  if (specifier.startsWith('.') && specifier.endsWith('.js')) {
    const typescript = new URL(`${specifier.slice(0, -'.js'.length)}.ts`, context.parentURL);
    if (existsSync(typescript)) return next(typescript.href, context);
  }
  return next(specifier, context);
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { transform } = await import('@swc/core');
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), { filename, configFile: join(ROOT, '.swcrc') });
  return { format: 'module', source: code, shortCircuit: true };
}
