import { after } from './timers.js';

/** How long a method that was given up is still waited for. Without limit at first; a later reason can only shorten it. */
export class Patience {
  private endsAt = Infinity;
  private settle: () => void = () => undefined;
  private stopTimer: () => void = () => undefined;

  /** Resolves when it is at its end. */
  readonly ended = new Promise<undefined>((resolve) => (this.settle = () => resolve(undefined)));

  endsIn(ms: number): void {
    const endsAt = performance.now() + ms;
    if (endsAt >= this.endsAt) return;
    this.endsAt = endsAt;
    this.stopTimer();
    this.stopTimer = after(ms, this.settle);
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.stopTimer();
  }
}
