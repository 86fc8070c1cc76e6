import { type Duration, parseDuration } from './durations.js';

describe('parseDuration', () => {
  it.each([
    [250, 250],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['3d', 259_200_000],
  ] as [Duration, number][])('reads %p as %p ms', (duration, ms) => {
    expect(parseDuration(duration, 'timeout')).toBe(ms);
  });

  it.each(['', '10', 's', '10 s', '-1s', 'soon', -1, NaN, Infinity] as unknown as Duration[])(
    'refuses %p and names the field',
    (duration) => {
      expect(() => parseDuration(duration, 'timeout')).toThrow(/^timeout is .*; give milliseconds, or text such as '250ms'/);
    },
  );
});
