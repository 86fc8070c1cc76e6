import { after } from './timers.js';

/**
 * The database's clock, as this process knows it: its own monotonic clock plus the difference last seen. A wrong or jumping
 * wall clock of this machine changes nothing. [R20]
 */
export class SagaClock {
  private offsetMs = Date.now() - performance.now();

  /** @param databaseNow as answered to a question asked at `askedAt` of `performance.now()`: true at half the way */
  sync(databaseNow: number, askedAt: number): void {
    this.offsetMs = databaseNow - (askedAt + performance.now()) / 2;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Math.round(performance.now() + this.offsetMs);
  }

  /** Calls back when `time` has come, or earlier where it is far off: ask again then. Returns how to stop it. */
  at(time: number, callback: () => void): () => void {
    return after(time - this.now(), callback);
  }
}
