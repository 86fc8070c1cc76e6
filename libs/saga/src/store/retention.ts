/** How long what is kept of a saga, from its end on. */
export interface Keeping {
  /** Journal and payloads. */
  readonly retentionMs: number;
  /** Its row, by which its key finds it; null: for ever. At least `retentionMs`. */
  readonly keyRetentionMs: number | null;
}

/** Where a sweep has come to, in the order of the ends. */
export interface SweepPosition {
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
  readonly id: string;
}

export interface SweptBatch {
  /** Sagas that lost what they held. */
  readonly swept: number;
  /** Where the next batch goes on; left out: this was the last one. */
  readonly next?: SweepPosition;
}

/**
 * Deletes what has ended, by the store's clock, oldest end first. A saga that has not ended is never touched, and one that an operator takes
 * back in time has not ended any more. [R6]
 *
 * Families stay together [R31]: a saga goes with all that descends from it, in one transaction, once all of them have ended more than
 * `retentionMs` ago. It is the root of its family where it is nobody's child, or its parent is gone or emptied.
 *
 * Waits for nobody: what somebody holds is passed over, and goes with a later sweep. Any number of nodes may sweep at once.
 */
export interface RetentionStore {
  /**
   * Looks at up to `limit` families. What may go loses its journal, its payloads and its mail: a saga without a key goes as a whole, so does
   * one whose key is past `keyRetentionMs`; of the others the row stays, `emptied`.
   */
  sweep(keeping: Keeping, limit: number, after?: SweepPosition): Promise<SweptBatch>;
  /** Deletes up to `limit` emptied sagas that ended more than `keyRetentionMs` ago: their keys are free. Returns how many. */
  forgetKeys(keyRetentionMs: number, limit: number): Promise<number>;
}
