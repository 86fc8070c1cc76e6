// node tools/run.mjs demo: checks what TypeScript and its loader need, in syntax that every Node reads, then runs tools/demo.ts.
import { readFileSync } from 'node:fs';

const [, , tool, ...rest] = process.argv;
const needed = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).engines.node.replace('>=', '');

if (isOlder(process.versions.node, needed)) refuse(`Node ${process.versions.node} is too old: install Node ${needed} or later.`);
else {
  const loader = await import('tsx/esm/api').catch(() => null);
  if (loader) {
    loader.register();
    process.argv = [process.argv[0], tool, ...rest];
    await import(`./${tool}.ts`);
  } else refuse('The packages are not installed: run npm install first.');
}

function isOlder(version, than) {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  const differs = [0, 1, 2].find((index) => left[index] !== right[index]);
  return differs !== undefined && left[differs] < right[differs];
}

function refuse(message) {
  console.error(message);
  process.exitCode = 2;
}
