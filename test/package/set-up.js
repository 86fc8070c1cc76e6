import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { tsImport } from 'tsx/esm/api';

import startDatabase from '../support/start-database.js';

/** Jest's global set-up of `npm run test:package`: the package as a tarball, its path in TEST_TARBALL, and the PostgreSQL of the run. */
export default async function setUp() {
  requireRegistry();
  /** @type {typeof import('./tarball.js')} */
  const { packTarball } = await tsImport('./tarball.ts', import.meta.url);
  process.env['TEST_TARBALL'] = await packTarball(join(import.meta.dirname, '..', '..', '.data', 'package'));
  await startDatabase();
}

function requireRegistry() {
  try {
    execFileSync('npm', ['view', '@nestjs/core@12', 'version', '--prefer-online', '--fetch-retries=1'], { stdio: 'pipe', timeout: 60_000 });
  } catch (cause) {
    throw new Error('npm reaches no registry, and fresh applications install their packages from one: npm run test:package needs it.', {
      cause,
    });
  }
}
