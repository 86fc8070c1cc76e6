import type { ProgramName } from '../harness/plan.js';
import type { Figures } from '../harness/run-cell.js';
import { goalsOf } from './goals.js';
import type { Result } from './results.js';

const NOTHING: Figures = {
  sagasPerSecond: 0,
  p50Ms: 0,
  p99Ms: 0,
  commits: 0,
  transactions: undefined,
  walBytes: 0,
  tableBytes: 0,
  heapBytes: 0,
  programCpuMs: 0,
  serverCpuMs: undefined,
  loopDelayP99Ms: 0,
};

const at128 = (program: ProgramName, ...repetitions: Partial<Figures>[]): Result => ({
  program,
  kind: 'happy',
  flight: 128,
  sagas: 10_000,
  repetitions: repetitions.map((figures) => ({ ...NOTHING, ...figures })),
});

const cells = (text: string, start: string): string[] => {
  const row = text.split('\n').find((line) => line.startsWith(`| ${start}`));
  return row ? row.split('|').map((cell) => cell.trim()) : [];
};

describe('goalsOf', () => {
  it('compares ours with a peer of the same repetition, since the machine may be slower in the next', () => {
    const text = goalsOf([
      at128('ours', { sagasPerSecond: 900 }, { sagasPerSecond: 300 }, { sagasPerSecond: 600 }),
      at128('grouped', { sagasPerSecond: 1_500 }, { sagasPerSecond: 500 }, { sagasPerSecond: 1_000 }),
    ]);
    expect(cells(text, 'happy, 128 in flight: sagas/s')).toEqual(expect.arrayContaining(['≥ 0.50 × grouped', '0.60', 'yes']));
  });

  it('says NO where ours takes more than it may', () => {
    const text = goalsOf([at128('ours', { commits: 0.51 }, { commits: 0.49 }, { commits: 0.52 })]);
    expect(cells(text, 'happy, 128 in flight: commits')).toEqual(expect.arrayContaining(['≤ 0.50', '0.51', '0.49', '0.52', 'NO']));
  });

  it('leaves out a goal whose peer did not run', () => {
    const text = goalsOf([at128('ours', { sagasPerSecond: 900 })]);
    expect(cells(text, 'happy, 128 in flight: sagas/s')).toEqual([]);
  });

  it('says nothing where ours did not run', () => {
    expect(goalsOf([at128('grouped', { sagasPerSecond: 900 })])).toBe('');
  });
});
