import { inTurns } from './in-turns.js';

describe('inTurns', () => {
  it('does all, in order, so many at a time, and lets others in between', async () => {
    const happened: (number | string)[] = [];
    await inTurns([1, 2, 3, 4, 5], 2, async (one) => {
      if (one === 1 || one === 3) setImmediate(() => happened.push('another'));
      happened.push(one);
    });
    expect(happened).toEqual([1, 2, 'another', 3, 4, 'another', 5]);
  });

  it('fails with the first that fails, and begins no more', async () => {
    const begun: number[] = [];
    const failing = inTurns([1, 2, 3], 1, async (one) => {
      begun.push(one);
      if (one === 2) throw new Error('two');
    });
    await expect(failing).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
  });
});
