import type { ErrorRecord } from './failure.js';
import type { AttemptRef, ChildChoice, Effect, Interruption } from './journal.js';
import type { StoredValue } from './payload.js';

/** What the executor learned, and the planner decides on. */
export type Fact =
  /** An attempt under way ended; or a reply came to an earlier one. */
  | { readonly kind: 'attempt-ended'; readonly attempt: AttemptRef; readonly end: AttemptEnd }
  /** The saga has a new owner: what the former one had under way is lost. */
  | {
      readonly kind: 'taken-over';
      /** alive: its process lives, and only lost track of the saga: nothing crashed. Default lost. */
      readonly former?: 'lost' | 'alive';
    }
  /** Its definition has another graph here than the one that it ran under so far. [R23] */
  | { readonly kind: 'definition-changed'; readonly hash: string };

export type AttemptEnd =
  | { readonly kind: 'returned'; readonly result?: StoredValue }
  /** Its method named the saga that it runs. The attempt goes on: the child is to be started. */
  | { readonly kind: 'chose-child'; readonly child: ChildChoice }
  /** The child is there; what it does is its own affair until it ends. In a compensation: it unwinds. */
  | { readonly kind: 'left-to-child' }
  /** Its participant answers later: it is to be asked again. */
  | { readonly kind: 'deferred' }
  /** A business refusal. `effect`, where somebody knows it over all attempts: a participant's fence. */
  | { readonly kind: 'refused'; readonly error: ErrorRecord; readonly effect?: Effect }
  | {
      readonly kind: 'threw';
      readonly error: ErrorRecord;
      readonly effect: Effect;
      /** What the policy's `retryIf` said. */
      readonly retryable: boolean;
      readonly timedOut?: boolean;
      /** Its method has not returned: something may still be at work. */
      readonly abandoned?: boolean;
      /** Milliseconds from now, at least. */
      readonly retryAfterMs?: number;
    }
  | {
      readonly kind: 'interrupted';
      readonly why: Interruption;
      /** Its method has returned: nothing is at work any more. Left out: it may be. */
      readonly returned?: boolean;
    };

/** The world in which a decision is made. */
export interface Situation {
  /** Milliseconds since the epoch, by the database's clock. */
  readonly now: number;
  /** In [0, 1): for jitter. */
  readonly random: () => number;
  /** True: record only, begin nothing. The saga is paused, or the node stops. */
  readonly hold?: boolean;
  /** True: another attempt has this node for itself, or is about to, so no attempt begins; all else goes on. [R14, R21] */
  readonly standsBy?: boolean;
  /** True: nothing else runs on this node, so one attempt that must be alone may begin, and nothing beside it. [R21] */
  readonly alone?: boolean;
}
