import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { read } from './readme-blocks.js';
import { walkThrough } from './readme-walk.js';

const LOADER = new URL('../support/typescript-loader.js', import.meta.url).href;
const FOLDER = fileURLToPath(new URL('../../.data/first-saga/', import.meta.url));

export type Files = ReadonlyMap<string, string>;

/** The reader's application, each time that the README says what it prints. */
export interface Printing {
  readonly files: Files;
  readonly prints: string;
}

/** In memory, and then on PostgreSQL, where it has run before. */
export function printings(): readonly Printing[] {
  const files = new Map<string, string>();
  return walkThrough(read('README.md')).flatMap((stop) => {
    if (stop.kind === 'writes') files.set(stop.path, stop.text);
    return stop.kind === 'prints' ? { files: new Map(files), prints: stop.text } : [];
  });
}

/** The same with some text in place of another, as the README tells to try. */
export function changed(files: Files, path: string, [from, to]: readonly [string, string]): Files {
  const code = files.get(path) ?? '';
  if (!code.includes(from)) throw new Error(`The README's ${path} has no ${from}`);
  return new Map([...files, [path, code.replace(from, to)]]);
}

/** Runs an application to its end, in a folder of that name. @returns what it prints */
export async function run(name: string, files: Files, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  for (const [path, code] of files) {
    const file = `${FOLDER}${name}/${path}`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  const child = spawn(process.execPath, ['--import', LOADER, `${FOLDER}${name}/src/main.ts`], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (printed += data.toString()));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${name} ended with ${String(code)}: ${printed}`);
  return printed;
}
