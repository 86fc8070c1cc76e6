/** What a transaction of a caller does beside its own insert. */
export const DEEDS = ['nothing', 'start', 'notify', 'start and notify'] as const;

export type Deed = (typeof DEEDS)[number];

/** What bench/starts.ts asks of the caller. */
export type StartsRequest =
  | { readonly ask: 'open'; readonly url: string; readonly callers: number }
  | { readonly ask: 'run'; readonly deed: Deed; readonly callers: number; readonly transactions: number }
  | { readonly ask: 'close' };

export interface Commits {
  readonly perSecond: number;
  /** How long a transaction took. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}
