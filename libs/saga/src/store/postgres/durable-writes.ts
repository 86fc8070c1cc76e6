import { setTimeout as pause } from 'node:timers/promises';

import { SagaStoreError } from '../store-errors.js';
import { StatementRefused, StatementUnanswered } from './database-errors.js';
import { RowTurns } from './row-turns.js';
import { Semaphore } from '../semaphore.js';

/** After each silence of the database; then it counts as unreachable. */
const PAUSES_MS = [50, 200, 500, 1_000];

/** How long a write is tried on while somebody holds its row. */
const PATIENCE_MS = 30_000;

/** Between two tries of a write whose row is held. */
const HELD_PAUSE_MS = 50;

/** Of the connections, at most so many wait for rows that somebody holds. */
const WAITING_ROOM = 1;

/**
 * Carries a write through lost answers and held rows.
 *
 * The first try waits for its row on any connection, for a moment only. Whoever must wait longer does so in a waiting room of
 * few connections, in order: however many rows are held, the others' writes go on. [R32]
 */
export class DurableWrites {
  private readonly turns = new RowTurns();
  private readonly waitingRoom = new Semaphore(WAITING_ROOM);

  /**
   * @param row what is written to; writes to one row take turns
   * @param attempt told whether an earlier attempt's answer was lost: it may have been done, and must be looked for first [R3]
   * @throws SagaStoreError when the database stays silent (nothing is known then), refuses, or the row is held for too long
   */
  async carry<T>(row: string, attempt: (afterLoss: boolean) => Promise<T>): Promise<T> {
    return this.turns.take(row, () => this.attemptUntilKnown(row, attempt));
  }

  /** A statement that may be done twice without harm, and waits for no row. */
  async repeat<T>(statement: () => Promise<T>): Promise<T> {
    const losses = new Losses();
    for (;;) {
      try {
        return await statement();
      } catch (error) {
        await losses.bear(error);
      }
    }
  }

  private async attemptUntilKnown<T>(row: string, attempt: (afterLoss: boolean) => Promise<T>): Promise<T> {
    const givenUpAt = performance.now() + PATIENCE_MS;
    const losses = new Losses();
    let held = false;
    for (;;) {
      const next = (): Promise<T> => attempt(losses.count > 0);
      try {
        return held ? await this.waitingRoom.run(next) : await next();
      } catch (error) {
        if (!(error instanceof StatementRefused && error.isConflict)) {
          await losses.bear(error);
          continue;
        }
        if (performance.now() > givenUpAt) throw heldTooLong(row, error);
        held = true;
        await pause(HELD_PAUSE_MS);
      }
    }
  }
}

/** Answers that were lost during one write. */
class Losses {
  count = 0;

  /** Waits before the next try. @throws what is no loss, and the loss after which the database counts as unreachable */
  async bear(error: unknown): Promise<void> {
    const pauseMs = PAUSES_MS[this.count];
    if (!(error instanceof StatementUnanswered) || pauseMs === undefined) throw error;
    this.count += 1;
    await pause(pauseMs);
  }
}

const heldTooLong = (row: string, cause: unknown): SagaStoreError =>
  new SagaStoreError(`Another transaction has held ${row} for ${PATIENCE_MS / 1000}s. Look for it in pg_stat_activity.`, { cause });
