import { sideBySide } from './side-by-side.js';

describe('work side by side', () => {
  it('keeps the order of the results, and never has more under way than its lanes', async () => {
    let underWay = 0;
    let most = 0;
    const results = await sideBySide([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, (underWay += 1));
      await Promise.resolve();
      underWay -= 1;
      return item * 10;
    });
    expect(results).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(2);
  });

  it('begins nothing after a failure', async () => {
    const begun: number[] = [];
    const work = sideBySide([1, 2, 3, 4], 1, async (item) => {
      begun.push(item);
      if (item === 2) throw new Error('broken');
    });
    await expect(work).rejects.toThrow('broken');
    expect(begun).toEqual([1, 2]);
  });
});
