// Builds what `npm pack` puts into the tarball: the compiled library, with the pages of this repository that belong to it.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
// What an earlier build left would be packed too. Sources are not packed, so that maps would lead nowhere.
rmSync('dist', { recursive: true, force: true });
const flags = ['-p', 'tsconfig.lib.json', '--outDir', 'dist', '--incremental', 'false', '--sourceMap', 'false'];
execFileSync(process.execPath, [tsc, ...flags], { stdio: 'inherit' });

const declarations = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'));
for (const file of declarations) {
  const path = join('dist', file);
  writeFileSync(path, withoutFaultWhereAbsent(readFileSync(path, 'utf8')));
}

for (const page of ['LICENSE', 'README.md', 'CHANGELOG.md']) copyFileSync(join('../..', page), page);

/** An application in memory mode has none of these packages, and may check the declarations of its libraries (`skipLibCheck: false`). */
function withoutFaultWhereAbsent(text) {
  const imports = /^(?=(?:import|export) .* from '(?:typeorm|@nestjs\/typeorm|@nestjs\/microservices)';$)/gm;
  return text.replaceAll(imports, '/** @ts-ignore: an optional peer */\n');
}
