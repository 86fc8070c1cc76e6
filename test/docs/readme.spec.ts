import { faultsIn } from './compile.js';
import { printings } from './first-saga.js';
import { blocksOf, read } from './readme-blocks.js';

describe('README', () => {
  const readme = read('README.md');
  const blocks = blocksOf(readme);

  it('says of all its TypeScript which file it shows', () => {
    expect(blocks.map(({ path, inShort }) => ({ path, inShort }))).toEqual([
      { path: 'apps/order-service/src/place-order/place-order.saga.ts', inShort: false },
      { path: 'apps/order-service/src/parcels/ship-parcel.saga.ts', inShort: false },
      { path: 'apps/order-service/src/parcels/deliver-parcel.saga.ts', inShort: false },
      { path: 'apps/order-service/src/order.module.ts', inShort: true },
      { path: 'apps/order-service/src/place-order/place-order.saga.spec.ts', inShort: true },
    ]);
  });

  it('shows the order saga as it is', () => {
    for (const { path = '', inShort, code } of blocks) if (!inShort) expect(code).toBe(read(path));
  });

  it('shows programs that compile, in the place of their files; a name that is not defined would be noticed', () => {
    const shop = blocks.map(({ path = '', code }) => [path, code] as const);
    const yours = printings().flatMap(({ files }, index) =>
      [...files].map(([path, code]) => [`apps/yours-${index}/${path}`, code] as const),
    );
    const broken = new Map(shop).get('apps/order-service/src/order.module.ts')!.replace(/^import \{ CustomerMail .*\n/m, '');
    const faults = faultsIn(new Map([...shop, ...yours, ['apps/order-service/src/broken.ts', broken]]));
    expect(faults).toEqual([expect.stringMatching(/^apps\/order-service\/src\/broken.ts.*Cannot find name 'CustomerMail'/s)]);
  }, 120_000);

  it('has the two commands, and npm has their scripts', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(readme).toContain('npm install && npm run demo');
    expect(readme).toContain('npm install && npm test');
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'start', 'ci']));
  });
});
