import { setImmediate as yieldToOthers } from 'node:timers/promises';

import type { Keeping, RetentionStore, SweepPosition } from '../store/retention.js';
import type { Observer } from './observation.js';

/** Families that one statement looks at: few enough that none of their rows is held for long. */
const BATCH = 100;

/** Deletes what has ended longer ago than it is kept, batch by batch. What a node that dies leaves, the next sweep of any node finds. [R6, R31] */
export class RetentionSweep {
  constructor(
    private readonly store: RetentionStore,
    private readonly keeping: Keeping,
    private readonly observe: Observer,
  ) {}

  /** All that is due. */
  async sweep(mayGoOn: () => boolean = () => true): Promise<void> {
    const done = { sagas: 0, keys: 0 };
    try {
      await this.sweepFamilies(mayGoOn, done);
      await this.forgetKeys(mayGoOn, done);
    } finally {
      if (done.sagas + done.keys > 0) this.observe({ kind: 'swept', ...done });
    }
  }

  private async sweepFamilies(mayGoOn: () => boolean, done: { sagas: number }): Promise<void> {
    let after: SweepPosition | undefined;
    do {
      const { swept, next } = await this.store.sweep(this.keeping, BATCH, after);
      done.sagas += swept;
      after = next;
      await yieldToOthers();
    } while (after !== undefined && mayGoOn());
  }

  private async forgetKeys(mayGoOn: () => boolean, done: { keys: number }): Promise<void> {
    const { keyRetentionMs } = this.keeping;
    if (keyRetentionMs === null) return;
    for (let batch = BATCH; batch === BATCH && mayGoOn(); done.keys += batch) {
      batch = await this.store.forgetKeys(keyRetentionMs, BATCH);
      await yieldToOthers();
    }
  }
}
