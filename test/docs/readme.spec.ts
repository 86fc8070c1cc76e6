import { readFileSync } from 'node:fs';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('README', () => {
  const readme = read('README.md');

  it('shows the order saga as it is', () => {
    const blocks = [...readme.matchAll(/<!-- (\S+) -->\s*```ts\n([\s\S]*?)\n```/g)];
    expect(blocks).toHaveLength(1);
    for (const [, path, code] of blocks) expect(`${code}\n`).toBe(read(path ?? ''));
  });

  it('has the two commands, and npm has their scripts', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(readme).toContain('npm install && npm run demo');
    expect(readme).toContain('npm install && npm test');
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'start', 'ci']));
  });
});
