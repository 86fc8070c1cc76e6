import { changed, printings, run } from './first-saga.js';

describe("the README's first saga", () => {
  const [memory, postgres] = printings();

  it('is three files, of which one changes for PostgreSQL', () => {
    expect(printings()).toHaveLength(2);
    expect([...memory!.files.keys()]).toEqual(['src/place-order.saga.ts', 'src/app.module.ts', 'src/main.ts']);
    const changes = [...postgres!.files].filter(([path, code]) => memory!.files.get(path) !== code);
    expect(changes.map(([path]) => path)).toEqual(['src/app.module.ts']);
  });

  it('prints what the README says', async () => {
    expect(await run('memory', memory!.files)).toBe(memory!.prints);
  });

  it('R10: is compensated with undefined where reserveStock throws an ordinary error', async () => {
    const reserves = 'console.log(`${input.orderId}: reserve ${input.sku}`);';
    const failing = changed(memory!.files, 'src/place-order.saga.ts', [reserves, `${reserves}\n    throw new Error('connection lost');`]);
    const printed = await run('failing', failing);
    expect(printed.split('\n').filter((line) => line.startsWith('o-1'))).toEqual([
      ...Array.from({ length: 5 }, () => 'o-1: reserve OAK-TABLE'),
      'o-1: release what may have been reserved',
      'o-1 is undone: reserveStock was failed, undefined',
    ]);
  });
});
