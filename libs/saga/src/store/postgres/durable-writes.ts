import { setTimeout as pause } from 'node:timers/promises';

import { SagaStoreError } from '../store-errors.js';
import { StatementRefused, StatementUnanswered } from './database-errors.js';
import { RowTurns } from './row-turns.js';
import { Semaphore } from '../semaphore.js';

/** After each silence of the database, and each time that it can store nothing; then its caller learns of it. */
const PAUSES_MS = [50, 200, 500, 1_000];

/** How long a write is tried on while somebody holds its row. */
const PATIENCE_MS = 30_000;

/** Between two tries of a write whose row is held. */
const HELD_PAUSE_MS = 50;

/** Of the connections, at most so many wait for rows that somebody holds. */
const WAITING_ROOM = 1;

/**
 * Carries a write through lost answers, held rows, and moments in which the database can store nothing.
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
   * @throws SagaStoreError when the database stays silent (nothing is known then), refuses, can store nothing, or the row is held for too long
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
      const next = (): Promise<T> => attempt(losses.answerWasLost);
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

/** What went wrong during one write and may be over soon. */
class Losses {
  answerWasLost = false;
  private count = 0;

  /** Waits before the next try. @throws what will not pass by itself, and the loss after which its caller is to learn of it */
  async bear(error: unknown): Promise<void> {
    const pauseMs = PAUSES_MS[this.count];
    if (!maySoonBeOver(error) || pauseMs === undefined) throw error;
    this.count += 1;
    this.answerWasLost ||= error instanceof StatementUnanswered;
    await pause(pauseMs);
  }
}

const maySoonBeOver = (error: unknown): boolean =>
  error instanceof StatementUnanswered || (error instanceof StatementRefused && error.isShortage);

const heldTooLong = (row: string, cause: unknown): SagaStoreError =>
  new SagaStoreError(`Another transaction has held ${row} for ${PATIENCE_MS / 1000}s. Look for it in pg_stat_activity.`, { cause });
