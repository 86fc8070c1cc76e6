import { check } from 'prettier';

import { faultsIn } from './compile.js';
import { filesOf } from './page-files.js';
import { read } from './readme-blocks.js';

const PAGE = 'docs/guides/a-fifth-service.md';

/** To compile two services and the tools. */
const SLOW_MACHINE_MS = 120_000;

describe('the guide to a fifth service', () => {
  const files = filesOf(PAGE, read(PAGE), read);

  it(
    'has files and changes that compile as they stand',
    () => {
      const programs = new Map([...files].filter(([file]) => file.endsWith('.ts')));
      expect(programs.size).toBeGreaterThan(9);
      expect(faultsIn(programs)).toEqual([]);
    },
    SLOW_MACHINE_MS,
  );

  it.each([...files.keys()])('leaves %s formatted', async (file) => {
    expect(await check(files.get(file) ?? '', { filepath: file, printWidth: 140, singleQuote: true })).toBe(true);
  });

  it('registers the service with the build', () => {
    expect(JSON.parse(files.get('nest-cli.json') ?? '')).toMatchObject({ projects: { 'loyalty-service': { type: 'application' } } });
  });

  it('is told apart from a file that has changed since, with the line', () => {
    const page = '# Page\n\n```diff a.ts\n one\n-two\n+three\n```\n';
    expect(filesOf('docs/page.md', page, () => 'zero\none\ntwo\n').get('a.ts')).toBe('zero\none\nthree\n');
    expect(() => filesOf('docs/page.md', page, () => 'one\nother\n')).toThrow('docs/page.md:3: what it changes is there 0 times, not once');
    expect(() => filesOf('docs/page.md', page, () => 'one\ntwo\none\ntwo\n')).toThrow('there 2 times');
  });
});
