import { after } from './timers.js';

/**
 * The database's clock, as this process knows it: its own monotonic clock plus the difference last seen. A wrong or jumping
 * wall clock of this machine changes nothing. [R20]
 */
export class SagaClock {
  private offsetMs = Date.now() - performance.now();
  /** By how much it may be wrong. */
  private errorMs = 0;

  /** @param databaseNow as answered to a question asked at `askedAt` of `performance.now()`: true at half the way */
  sync(databaseNow: number, askedAt: number): void {
    const answeredAt = performance.now();
    this.offsetMs = databaseNow - (askedAt + answeredAt) / 2;
    this.errorMs = (answeredAt - askedAt) / 2;
  }

  /** The database has told that this time has come: after a jump of its clock sooner than the next heartbeat tells. */
  cameTo(time: number): void {
    this.offsetMs = Math.max(this.offsetMs, time - performance.now());
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Math.round(performance.now() + this.offsetMs);
  }

  /** A time that the database's clock has surely passed: what is due then is due at once, and not a moment after the wake. */
  past(): number {
    return Math.floor(performance.now() + this.offsetMs - this.errorMs) - 1;
  }

  /** Calls back when `time` has come, or earlier where it is far off: ask again then. Returns how to stop it. */
  at(time: number, callback: () => void): () => void {
    return after(time - this.now(), callback);
  }
}
