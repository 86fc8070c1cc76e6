import { DEFAULTS } from './planning/defaults.js';
import { type Duration, parseDuration } from './planning/durations.js';
import { resolveRetryPolicy, type RetryPolicy } from './planning/retry-policy.js';
import type { SagaModuleExtras, SagaModuleOptions } from './saga-module-options.js';

/**
 * Nonsense fails at boot, whether or not something uses it already.
 *
 * @throws RangeError naming the option
 */
export function checkSagaOptions(options: SagaModuleOptions, { store }: SagaModuleExtras): void {
  const { worker = {}, retry, compensationRetry, stepTimeout, abandonAfter } = options;
  oneOf('store', store, ['postgres', 'memory']);
  oneOf('migrations', options.migrations, ['run', 'check', 'off']);
  flag('pooled', options.pooled);
  flag('worker.enabled', worker.enabled);
  wholeNumber('worker.concurrency', worker.concurrency);
  wholeNumber('maxPayload', options.maxPayload);
  wholeNumber('alertAfter', options.alertAfter);
  wholeNumber('crashLimit', options.crashLimit);
  duration('worker.shutdownTimeout', worker.shutdownTimeout);
  atLeast('worker.lease', duration('worker.lease', worker.lease), SHORTEST_LEASE_MS);
  atLeast('stepTimeout', duration('stepTimeout', stepTimeout), 1);
  duration('abandonAfter', abandonAfter);
  keepsKeysLongEnough(options);
  duration('mailboxRetention', options.mailboxRetention);
  policy('retry', retry);
  policy('compensationRetry', compensationRetry);
}

/** A row holds the key, and what is to be kept for longer: it cannot go first. */
function keepsKeysLongEnough({ retention = DEFAULTS.retention, keyRetention = DEFAULTS.keyRetention }: SagaModuleOptions): void {
  const [keptMs, keyMs] = [lasting('retention', retention), lasting('keyRetention', keyRetention)];
  if (keyMs < keptMs)
    throw new RangeError(
      `SagaModule.forRoot({ keyRetention }) is ${JSON.stringify(keyRetention)}, shorter than retention, which is ${JSON.stringify(retention)}; give that much or more, or 'forever'`,
    );
}

const lasting = (option: string, value: Duration | 'forever'): number =>
  value === 'forever' ? Infinity : (duration(option, value) ?? Infinity);

/** A shorter lease is lost to one slow query. */
const SHORTEST_LEASE_MS = 300;

function wholeNumber(option: string, value: number | undefined): void {
  if (value !== undefined && (!Number.isInteger(value) || value < 1))
    throw new RangeError(`SagaModule.forRoot({ ${option} }) is ${value}; give a whole number from 1`);
}

function oneOf(option: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return;
  const quoted = allowed.map((text) => `'${text}'`);
  const choice = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  throw new RangeError(`SagaModule.forRoot({ ${option} }) is ${JSON.stringify(value)}; give ${choice}`);
}

/** From an environment comes text, and 'false' is true. */
function flag(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean')
    throw new RangeError(`SagaModule.forRoot({ ${option} }) is ${JSON.stringify(value)}; give true or false`);
}

const duration = (option: string, value: Duration | undefined): number | undefined =>
  value === undefined ? undefined : parseDuration(value, `SagaModule.forRoot({ ${option} })`);

function atLeast(option: string, valueMs: number | undefined, leastMs: number): void {
  if (valueMs !== undefined && valueMs < leastMs)
    throw new RangeError(`SagaModule.forRoot({ ${option} }) is ${valueMs}ms; give at least ${leastMs}ms`);
}

function policy(option: string, value: RetryPolicy | undefined): void {
  try {
    resolveRetryPolicy(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(error.message.replace(/^retry\.(\w+)/, `SagaModule.forRoot({ ${option}.$1 })`), { cause: error });
  }
}
