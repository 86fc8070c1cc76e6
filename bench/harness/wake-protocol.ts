/** What bench/wake.ts asks of a node. */
export type WakeRequest =
  | { readonly ask: 'open'; readonly url: string; readonly executes: boolean }
  | { readonly ask: 'start'; readonly how: How; readonly sagas: number; readonly idleMs: number }
  | { readonly ask: 'close' };

/** By itself, or in a transaction of the caller's, which commits after it. */
export type How = 'start' | 'in a transaction';

/** In milliseconds since the start was committed, of each saga. */
export interface Waits {
  /** Until its first step was called, in the other process. */
  readonly called: readonly number[];
  /** Until this process had its result. */
  readonly known: readonly number[];
}
