import { type Duration, parseDuration } from './durations.js';

/** How often and when something is tried again. Fields that are left out come from the policy around it: step, saga, module. */
export interface RetryPolicy {
  /** Tries in all, the first included. Default 5; compensations 'unlimited'. */
  attempts?: number | 'unlimited';
  /** Pause after the first try. Default 200ms. */
  delay?: Duration;
  /** Each pause is this many times the one before. Default 2. */
  factor?: number;
  /** Longest pause. Default 30s; compensations 5m. */
  maxDelay?: Duration;
  /** full: a random part of the pause, so that many sagas do not retry in step. Default full. */
  jitter?: 'full' | 'none';
  /** Return false to give up at once. */
  retryIf?: (error: Error) => boolean;
  /** Gives up when this long has passed since the first try. Default: no limit; compensations 24h. */
  within?: Duration;
}

/** A policy with every field known and in milliseconds. */
export interface ResolvedRetryPolicy {
  readonly attempts: number;
  readonly delayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  readonly jitter: 'full' | 'none';
  readonly retryIf?: (error: Error) => boolean;
  readonly withinMs: number;
}

/** The later policies fill what the earlier ones leave open. */
export function resolveRetryPolicy(...policies: readonly (RetryPolicy | undefined)[]): ResolvedRetryPolicy {
  const merged: RetryPolicy = {};
  for (const policy of policies) {
    for (const [field, value] of Object.entries(policy ?? {})) {
      if (value !== undefined && !(field in merged)) Object.assign(merged, { [field]: value });
    }
  }
  const { attempts = 1, delay = 0, factor = 1, maxDelay = delay, jitter = 'full', retryIf, within } = merged;
  return {
    attempts: attempts === 'unlimited' ? Infinity : positiveInteger('retry.attempts', attempts),
    delayMs: parseDuration(delay, 'retry.delay'),
    factor: atLeast('retry.factor', factor, 1),
    maxDelayMs: parseDuration(maxDelay, 'retry.maxDelay'),
    jitter: oneOf('retry.jitter', jitter, ['full', 'none']),
    withinMs: within === undefined ? Infinity : parseDuration(within, 'retry.within'),
    ...(retryIf && { retryIf }),
  };
}

/**
 * Pause before the next try, in milliseconds.
 * Full jitter as in M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @param failures tries that the policy counts so far, at least 1
 * @param random in [0, 1)
 */
export function nextDelayMs(policy: ResolvedRetryPolicy, failures: number, random: number): number {
  // No pause stays no pause: after a thousand failures the power is Infinity, and zero times that is NaN.
  const pause = policy.delayMs === 0 ? 0 : Math.min(policy.maxDelayMs, policy.delayMs * policy.factor ** (failures - 1));
  return Math.round(policy.jitter === 'full' ? pause * random : pause);
}

function positiveInteger(field: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${field} is ${value}; give a whole number from 1, or 'unlimited'`);
  return value;
}

function atLeast(field: string, value: number, least: number): number {
  if (!(value >= least) || !Number.isFinite(value)) throw new RangeError(`${field} is ${value}; give a number from ${least}`);
  return value;
}

function oneOf<Value extends string>(field: string, value: Value, known: readonly Value[]): Value {
  if (!known.includes(value))
    throw new RangeError(`${field} is ${JSON.stringify(value)}; give ${known.map((each) => `'${each}'`).join(' or ')}`);
  return value;
}
