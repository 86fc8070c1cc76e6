import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('run.mjs', import.meta.url));

describe('npm run demo, before anything starts', () => {
  let clone: string;
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'nestjs-sagas-run-'));
    mkdirSync(join(clone, 'tools'));
    copyFileSync(RUN, join(clone, 'tools', 'run.mjs'));
  });
  afterEach(() => rmSync(clone, { recursive: true }));

  function demo(node: string): readonly [exitCode: number | null, said: string] {
    writeFileSync(join(clone, 'package.json'), JSON.stringify({ engines: { node } }));
    const { status, stderr, stdout } = spawnSync(process.execPath, ['tools/run.mjs', 'demo'], { cwd: clone, encoding: 'utf8' });
    return [status, stderr + stdout];
  }

  it('names the Node that is needed, in one line', () => {
    expect(demo('>=99.1.0')).toEqual([2, `Node ${process.versions.node} is too old: install Node 99.1.0 or later.\n`]);
  });

  it('says where npm install was forgotten, in one line', () => {
    expect(demo('>=18.0.0')).toEqual([2, 'The packages are not installed: run npm install first.\n']);
  });
});
