import { after } from './timers.js';

/** How long a method that was given up is still waited for. Without limit at first; a later reason can only shorten it. */
export class Patience {
  private endsAt = Infinity;
  private stopTimer: () => void = () => undefined;

  /** @param over called when it is at its end */
  constructor(private readonly over: () => void) {}

  endsIn(ms: number): void {
    const endsAt = performance.now() + ms;
    if (endsAt >= this.endsAt) return;
    this.endsAt = endsAt;
    this.stopTimer();
    this.stopTimer = after(ms, this.over);
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.stopTimer();
  }
}
