import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const run = promisify(execFile);

/**
 * Builds the package as `npm run pack` does. One at a time: the build lies in the library's own folder meanwhile.
 *
 * @returns path of the tarball in `folder`
 */
export async function packTarball(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const { stdout } = await run('npm', ['pack', './libs/saga', '--pack-destination', folder, '--json', '--silent'], { cwd: ROOT });
  // The scripts of the package print before it.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { filename: string }[];
  return join(folder, packed!.filename);
}

/** Puts the package into a `node_modules`, without what it depends on. */
export async function unpackTarball(tarball: string, nodeModules: string): Promise<string> {
  const folder = join(nodeModules, 'nestjs-sagas');
  mkdirSync(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components', '1']);
  return folder;
}
