import { type Duration, parseDuration } from '../../planning/durations.js';
import { resolveRetryPolicy, type RetryPolicy } from '../../planning/retry-policy.js';
import type { SagaFault } from '../saga-definition.error.js';
import { fault, type Subject } from './subject.js';

/** Durations and numbers, each where it was written. */
export function* checkLimits(subject: Subject): Iterable<SagaFault> {
  const { options, steps, compensations } = subject.metadata;
  yield* faultsIn(subject, undefined, [
    limit('timeout', options.timeout),
    policy('retry', options.retry),
    policy('compensationRetry', options.compensationRetry),
  ]);
  for (const step of steps) {
    const { timeout, delay } = step.options;
    const reads = [limit('timeout', timeout), duration('delay', delay)];
    if (step.via === 'call') reads.push(policy('retry', step.options.retry), count('concurrency', step.options.concurrency));
    yield* faultsIn(subject, step.method, reads);
  }
  for (const { method, options: own } of compensations)
    yield* faultsIn(subject, method, [limit('timeout', own.timeout), policy('retry', own.retry)]);
}

/** Throws a RangeError where a value is nonsense. */
type Read = () => void;

function* faultsIn(subject: Subject, method: string | undefined, reads: readonly Read[]): Iterable<SagaFault> {
  for (const read of reads) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      yield fault(subject, `has a limit that makes no sense: ${error.message}.`, method);
    }
  }
}

const duration =
  (field: string, value: Duration | undefined): Read =>
  () => {
    if (value !== undefined) parseDuration(value, field);
  };

const limit =
  (field: string, value: Duration | undefined): Read =>
  () => {
    if (value !== undefined && parseDuration(value, field) === 0)
      throw new RangeError(`${field} is 0, and would always have passed; give at least '1ms'`);
  };

const count =
  (field: string, value: number | undefined): Read =>
  () => {
    if (value !== undefined && value !== Infinity && !(Number.isInteger(value) && value >= 1))
      throw new RangeError(`${field} is ${value}; give a whole number from 1`);
  };

const policy =
  (field: string, value: RetryPolicy | undefined): Read =>
  () => {
    try {
      resolveRetryPolicy(value);
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(error.message.replace(/^retry\b/, field), { cause: error });
      throw error;
    }
  };
