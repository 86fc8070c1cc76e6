import fc from 'fast-check';

import { DEFAULTS } from './defaults.js';
import { nextDelayMs, resolveRetryPolicy, type RetryPolicy } from './retry-policy.js';

const policy = (over: RetryPolicy = {}) =>
  resolveRetryPolicy(over, { attempts: 5, delay: 200, factor: 2, maxDelay: '30s', jitter: 'none' });

describe('retry policy', () => {
  it('R34: the defaults are what the design says', () => {
    expect(resolveRetryPolicy(DEFAULTS.retry)).toEqual({
      attempts: 5,
      delayMs: 200,
      factor: 2,
      maxDelayMs: 30_000,
      jitter: 'full',
      withinMs: Infinity,
    });
    expect(resolveRetryPolicy(DEFAULTS.compensationRetry)).toMatchObject({ attempts: Infinity, maxDelayMs: 300_000, withinMs: 86_400_000 });
  });

  it('the earlier policy wins field by field; what is undefined is left open', () => {
    const retryIf = () => true;
    const resolved = resolveRetryPolicy(
      undefined,
      { attempts: undefined, delay: '1s' } as unknown as RetryPolicy,
      { attempts: 2, delay: '9s', retryIf },
      { attempts: 7, jitter: 'none' },
    );
    expect(resolved).toEqual({ attempts: 2, delayMs: 1_000, factor: 1, maxDelayMs: 1_000, jitter: 'none', withinMs: Infinity, retryIf });
  });

  it('says nothing, and there is one attempt', () => {
    expect(resolveRetryPolicy()).toEqual({ attempts: 1, delayMs: 0, factor: 1, maxDelayMs: 0, jitter: 'full', withinMs: Infinity });
  });

  it("R9: 'unlimited' is without limit, and `within` is a time", () => {
    expect(policy({ attempts: 'unlimited', within: '2m' })).toMatchObject({ attempts: Infinity, withinMs: 120_000 });
  });

  it.each([
    [{ attempts: 0 }, "retry.attempts is 0; give a whole number from 1, or 'unlimited'"],
    [{ attempts: 1.5 }, 'retry.attempts is 1.5'],
    [{ attempts: NaN }, 'retry.attempts is NaN'],
    [{ attempts: Infinity }, 'retry.attempts is Infinity'],
    [{ factor: 0.5 }, 'retry.factor is 0.5; give a number from 1'],
    [{ factor: NaN }, 'retry.factor is NaN'],
    [{ factor: Infinity }, 'retry.factor is Infinity'],
    [{ delay: '5 sec' }, 'retry.delay is "5 sec"'],
    [{ delay: -1 }, 'retry.delay is -1'],
    [{ maxDelay: 'long' }, 'retry.maxDelay is "long"'],
    [{ within: 'soon' }, 'retry.within is "soon"'],
    [{ jitter: 'half' }, `retry.jitter is "half"; give 'full' or 'none'`],
  ])('refuses %p', (bad, message) => {
    expect(() => policy(bad as RetryPolicy)).toThrow(RangeError);
    expect(() => policy(bad as RetryPolicy)).toThrow(message);
  });

  it('R9: the pause grows by its factor up to its cap', () => {
    const pauses = [1, 2, 3, 8, 9, 2_000].map((failures) => nextDelayMs(policy(), failures, 0));
    expect(pauses).toEqual([200, 400, 800, 25_600, 30_000, 30_000]);
    expect(nextDelayMs(policy({ maxDelay: 50 }), 1, 0)).toBe(50);
  });

  it('R9: no pause stays no pause, after however many failures', () => {
    expect([1, 2_000].map((failures) => nextDelayMs(policy({ delay: 0 }), failures, 0.5))).toEqual([0, 0]);
  });

  it('R9: full jitter takes a random part of the pause, and without jitter it is the pause', () => {
    const jittered = policy({ jitter: 'full' });
    expect([0, 0.5, 0.999].map((random) => nextDelayMs(jittered, 2, random))).toEqual([0, 200, 400]);
    const anyFailures = fc.integer({ min: 1, max: 5_000 });
    const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(anyFailures, anyRandom, (failures, random) => {
        const pause = nextDelayMs(jittered, failures, random);
        const longest = nextDelayMs(policy(), failures, random);
        return Number.isInteger(pause) && pause >= 0 && pause <= longest && longest <= 30_000;
      }),
    );
  });
});
