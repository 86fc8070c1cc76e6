import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { faultsIn } from './compile.js';
import { markdownIn, type Page, pageOf, pagesOf } from './page.js';
import { differencesFound, stopApplications } from './page-stage.js';
import { read } from './readme-blocks.js';

const pages = pagesOf('docs');

const BROKEN = `# Broken

<!-- ts
import { SagaStep } from 'nestjs-sagas';
-->

\`\`\`ts
class Broken {
  @SagaStep({ after: 'missing' })
  step() {}
}
\`\`\`
`;

describe('pages of docs/', () => {
  afterEach(async () => {
    differencesFound();
    await stopApplications();
  });

  it('have programs that compile; one that does not is named with its line', () => {
    const broken = pageOf('docs/broken.md', BROKEN);
    const programs = new Map([...pages, broken!].map(({ path, program }) => [`${path}.ts`, program]));
    const faults = faultsIn(programs, { noUnusedLocals: false, noUnusedParameters: false });
    expect(faults.filter((fault) => !fault.startsWith('docs/broken.md.ts'))).toEqual([]);
    expect(faults).toEqual([expect.stringMatching(/^docs\/broken\.md\.ts\(9,4\): error TS\d+: .*'missing'/s)]);
  }, 120_000);

  it.each(pages.filter(({ isRun }) => isRun))('$path: what it shows is what comes', async (page) => {
    const differences = await run(page);
    if (differences.length > 0) throw new Error(differences.join('\n\n'));
  });

  it.each(['README.md', 'CHANGELOG.md', ...markdownIn('docs')])('%s: its links lead to files that are there', (path) => {
    const links = [...read(path).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(new URL(`../../${dirname(path)}/${link}`, import.meta.url)))).toEqual([]);
  });

  it('that show something else than what comes are named with the line', async () => {
    const wrong = pageOf('docs/wrong.md', '# Wrong\n\n```ts\nPromise.resolve(\n  [1 + 1],\n); // → [ 3 ]\n```\n');
    expect(await run(wrong!)).toEqual(['docs/wrong.md:4 says → [ 3 ]\nbut it is [ 2 ]']);
  });

  it('say what something comes to only where that is looked at', () => {
    expect(() => pageOf('docs/inside.md', '```ts\nfunction f() {\n  g(); // → 1\n}\n```')).toThrow(
      'docs/inside.md: of 1 comments with →, 0 stand',
    );
  });
});

/** From a file that is not kept, whose lines are those of the page: a stack trace leads there. */
async function run({ path, module }: Page): Promise<readonly string[]> {
  const file = fileURLToPath(new URL(`../../.data/${path}.ts`, import.meta.url));
  mkdirSync(dirname(file), { recursive: true });
  // What stands outside the sources is found by its whole name.
  writeFileSync(file, module.replace('page-stage.js', 'page-stage.ts'));
  const page = (await import(file)) as { run(): Promise<void> };
  await page.run();
  return differencesFound();
}
