import { setMaxListeners } from 'node:events';

import type { AttemptEnd } from '../planning/facts.js';
import type { AbortCause } from './attempt-abort.js';
import type { AttemptCall } from './attempt-call.js';
import type { AttemptRunner, RunningAttempt } from './attempt-runner.js';

/** It was not begun, or nothing of it is at work any more. */
export const NOT_BEGUN: AttemptEnd = { kind: 'interrupted', why: 'stop', returned: true };

/** The attempts of one saga that are under way in this process. */
export class RunAttempts {
  private readonly running = new Map<string, RunningAttempt>();
  private readonly closing = new AbortController();

  constructor(
    private readonly runner: AttemptRunner,
    /** An answer to an attempt that was given up before: it counts while its step is open. [R24] */
    private readonly onLateReply: (call: AttemptCall, end: AttemptEnd) => void,
  ) {
    // Each attempt of a fan-out listens to it.
    setMaxListeners(0, this.closing.signal);
  }

  get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Calls the method, and waits until the attempt is over. */
  async make(call: AttemptCall): Promise<AttemptEnd> {
    if (this.isClosed) return NOT_BEGUN;
    const key = JSON.stringify(call.attempt);
    const running = this.runner.start(call, { closed: this.closing.signal, onLateReply: (end) => this.onLateReply(call, end) });
    this.running.set(key, running);
    try {
      return await running.ended;
    } finally {
      this.running.delete(key);
    }
  }

  abort(cause: AbortCause): void {
    for (const attempt of this.running.values()) attempt.abort(cause);
  }

  /** The saga is somebody else's, or nobody's: nothing that still comes in matters. */
  close(): void {
    this.closing.abort();
    this.abort('lost');
  }
}
