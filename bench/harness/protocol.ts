import type { Kind } from '../workload/order.js';

/** What the harness asks of a program, over the channel that Node opens to a forked process. Each request has one answer. */
export type Request =
  | { readonly ask: 'open'; readonly url: string }
  | { readonly ask: 'warm-up'; readonly kind: Kind; readonly flight: number; readonly ms: number }
  | { readonly ask: 'measure'; readonly kind: Kind; readonly flight: number; readonly sagas: number; readonly profile: string | undefined }
  | { readonly ask: 'endings' }
  | { readonly ask: 'close' };

export type Answer = { readonly value: unknown } | { readonly error: string };

/** What a program saw of the sagas that it ran. */
export interface Measured {
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuSeconds: number;
  /** How late timers came, at the 99th percentile. */
  readonly loopDelayP99Ms: number;
}

/** How many sagas the store holds, by their ends. */
export interface Endings {
  readonly completed: number;
  /** Only those whose two compensations are recorded. */
  readonly compensated: number;
  readonly other: number;
}
