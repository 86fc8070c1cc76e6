import type { Duration } from './durations.js';
import type { RetryPolicy } from './retry-policy.js';

/** Every default of the library. [R34] */
export const DEFAULTS = {
  retry: { attempts: 5, delay: '200ms', factor: 2, maxDelay: '30s', jitter: 'full' },
  compensationRetry: { attempts: 'unlimited', within: '24h', delay: '200ms', factor: 2, maxDelay: '5m', jitter: 'full' },
  /** One attempt of a method or command. */
  stepTimeout: '30s',
  abandonAfter: '60s',
  lease: '10s',
  /** Bytes of one stored value. */
  maxPayload: 256 * 1024,
  retention: '30d',
  keyRetention: 'forever',
  mailboxRetention: '30d',
  fenceRetention: '30d',
  /** Sagas in memory at once, on one node. */
  concurrency: 1000,
  shutdownTimeout: '10s',
  crashLimit: 5,
  alertAfter: 5,
  migrations: 'run',
  schema: 'saga',
  pooled: false,
} as const satisfies Record<string, Duration | RetryPolicy | 'forever' | 'run' | 'saga' | false>;
