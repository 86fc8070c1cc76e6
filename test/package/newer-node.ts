import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { run } from './tarball.js';

/** Jest loads ES modules, such as Nest 12's, from CommonJS on this version and later: https://jestjs.io/docs/ecmascript-modules#require-of-esm */
const NEEDED = [24, 9] as const;
const INSTALLED = '24.21.0';

/**
 * A Node that runs jest in a CommonJS application of Nest 12, whose own tests fail on older ones.
 *
 * @returns the folder of its program; undefined where this process runs on one
 */
export async function newerNode(folder: string): Promise<string | undefined> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return undefined;
  const name = `node-${process.platform}-${process.arch}`;
  mkdirSync(folder, { recursive: true });
  await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--prefer-offline', `${name}@${INSTALLED}`], { cwd: folder });
  return join(folder, 'node_modules', name, 'bin');
}
