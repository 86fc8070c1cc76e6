import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** Milliseconds until it gives up. */
  readonly withinMs: number;
  /** Milliseconds between two looks; 100 unless told. */
  readonly everyMs?: number;
  /** What the error says when the time is over. */
  readonly otherwise: () => string | Promise<string>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks until there is something to see, and returns it. Throws with `otherwise` when the time is over, at once with what
 * `look` throws, and with the signal's reason when that is aborted.
 */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, options: PollOptions): Promise<T> {
  const giveUpAt = performance.now() + options.withinMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > giveUpAt) throw new Error(await options.otherwise());
    await delay(options.everyMs ?? 100, undefined, options.signal ? { signal: options.signal } : {});
  }
}
