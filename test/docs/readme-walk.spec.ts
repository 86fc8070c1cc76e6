import { blocksOf } from './readme-blocks.js';
import { walkThrough } from './readme-walk.js';

const PAGE = `# Ours

<!-- yours: sh -->

\`\`\`sh
npm install
npm install ./ours.tgz
\`\`\`

<!-- yours: src/main.ts -->

\`\`\`ts
console.log(1);
\`\`\`

<!-- yours: prints -->

\`\`\`text
1
\`\`\`

<!-- apps/theirs.ts -->

\`\`\`ts
let theirs;
\`\`\`
`;

describe('the walk through the README', () => {
  it('is what its marked blocks say, in order', () => {
    expect(walkThrough(PAGE)).toEqual([
      { kind: 'runs', commands: ['npm install', 'npm install ./ours.tgz'] },
      { kind: 'writes', path: 'src/main.ts', text: 'console.log(1);\n' },
      { kind: 'prints', text: '1\n' },
    ]);
  });

  it('leaves the other blocks to those that compile them in this repository', () => {
    expect(blocksOf(PAGE)).toEqual([{ path: 'apps/theirs.ts', inShort: false, code: 'let theirs;\n' }]);
  });

  it('refuses a comment that no block follows', () => {
    expect(() => walkThrough('<!-- yours: src/main.ts -->\n\nLater.\n')).toThrow(
      'Of 1 comments <!-- yours: … -->, 0 stand above a block: <!-- yours: src/main.ts -->',
    );
  });
});
