import { FenceSweeper } from './fence-sweeper.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('FenceSweeper', () => {
  it('R25: deletes batch by batch, a day after no command is taken any more', async () => {
    const asked: number[][] = [];
    const left = [1_000, 1_000, 3];
    const fence = { sweep: (ageMs: number, limit: number) => (asked.push([ageMs, limit]), Promise.resolve(left.shift() ?? 0)) };
    const sweeper = new FenceSweeper(fence, 30 * DAY_MS, { warn: () => undefined });
    expect(await sweeper.sweep()).toBe(2_003);
    expect(asked).toEqual([1, 2, 3].map(() => [31 * DAY_MS, 1_000]));
  });

  it('leaves what fails to the next sweep', async () => {
    const warnings: string[] = [];
    const sweeper = new FenceSweeper({ sweep: () => Promise.reject(new Error('gone')) }, 1, {
      warn: (text: string) => warnings.push(text),
    });
    expect(await sweeper.sweep()).toBe(0);
    expect(warnings).toHaveLength(1);
  });
});
