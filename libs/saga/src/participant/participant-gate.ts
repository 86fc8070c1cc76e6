import { setMaxListeners } from 'node:events';

import { LONGEST_TIMER_MS } from '../planning/durations.js';

/** Leave to work on one command. */
export interface Pass {
  /** Aborts when the service will not wait for the work any longer. */
  readonly stopped: AbortSignal;
  leave(): void;
}

/** Lets commands in once the application has started, and none once it stops. */
export class ParticipantGate {
  private state: 'starting' | 'open' | 'closed' = 'starting';
  private readonly stop = new AbortController();
  private inside = 0;
  private readonly opened: (() => void)[] = [];
  private emptied: (() => void) | undefined;

  constructor() {
    // Each command at work listens, and takes its listener away: many of them are no leak.
    setMaxListeners(0, this.stop.signal);
  }

  open(): void {
    if (this.state !== 'starting') return;
    this.state = 'open';
    this.wakeAll();
  }

  /** Waits for those inside, at most `waitMs`, then aborts them. Returns how many were left. */
  async close(waitMs: number): Promise<number> {
    this.state = 'closed';
    this.wakeAll();
    if (this.inside > 0) await within(waitMs, (done) => (this.emptied = done));
    const left = this.inside;
    this.stop.abort(new Error('The participant is stopping.'));
    return left;
  }

  /** Undefined where it is closed, or does not open within `waitMs`. */
  async enter(waitMs: number): Promise<Pass | undefined> {
    if (this.state === 'starting') await within(waitMs, (done) => this.opened.push(done));
    if (this.state !== 'open') return undefined;
    this.inside += 1;
    return { stopped: this.stop.signal, leave: () => this.leave() };
  }

  private leave(): void {
    this.inside -= 1;
    if (this.inside === 0) this.emptied?.();
  }

  private wakeAll(): void {
    for (const wake of this.opened.splice(0)) wake();
  }
}

/** Resolves when `start`'s callback is called, or after `ms`. */
function within(ms: number, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER_MS));
    start(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
