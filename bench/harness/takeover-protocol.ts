/** What bench/takeover.ts asks of a node. */
export type TakeoverRequest =
  | { readonly ask: 'open'; readonly url: string }
  /** Answered when so many sagas run here; from then on, when one ends, the next starts. */
  | { readonly ask: 'fill'; readonly sagas: number }
  /** How many attempts were made here that are not the first ones. */
  | { readonly ask: 'count attempts made again' }
  | { readonly ask: 'close' };
