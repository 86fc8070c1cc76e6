/** What bench/flat.ts asks of a node. */
export type WaitingRequest =
  | { readonly ask: 'open'; readonly url: string }
  /** Answered when all of them are recorded. */
  | { readonly ask: 'begin'; readonly saga: WaitingSaga; readonly sagas: number }
  | { readonly ask: 'memory' }
  | { readonly ask: 'close' };

/** order: ends at once. approval: waits for a signal. reminder: waits for a time, days from now. */
export type WaitingSaga = 'order' | 'approval' | 'reminder';

/** After a collection of garbage. */
export interface Memory {
  /** What the process holds of the machine's memory. */
  readonly rssMb: number;
  /** Of that, JavaScript objects. */
  readonly heapMb: number;
}
