import { setMaxListeners } from 'node:events';

import { once } from '../definition/lazy.js';
import type { AttemptEnd } from '../planning/facts.js';
import { type AbortCause, AttemptAborted } from './attempt-abort.js';
import type { AttemptCall } from './attempt-call.js';
import type { AttemptRunner } from './attempt-runner.js';
import { LazyAbort } from './lazy-abort.js';
import type { RunningAttempt } from './running-attempt.js';

/** It was not begun, or nothing of it is at work any more. */
export const NOT_BEGUN: AttemptEnd = { kind: 'interrupted', why: 'stop', returned: true };

/** One for all: an error costs more than a saga has attempts. */
const OVER = new AttemptAborted('lost');

/** The attempts of one saga that are under way in this process. */
export class RunAttempts {
  private readonly running = new Set<RunningAttempt>();
  private readonly closing = new LazyAbort();
  private readonly closed = once(() => {
    const { signal } = this.closing;
    // Each attempt of a fan-out listens to it.
    setMaxListeners(0, signal);
    return signal;
  });

  constructor(
    private readonly runner: AttemptRunner,
    /** An answer to an attempt that was given up before: it counts while its step is open. [R24] */
    private readonly onLateReply: (call: AttemptCall, end: AttemptEnd) => void,
  ) {}

  get isClosed(): boolean {
    return this.closing.reason !== undefined;
  }

  /** Calls the method. @param onEnd called once, when the attempt is over */
  make(call: AttemptCall, onEnd: (end: AttemptEnd) => void): void {
    if (this.isClosed) return onEnd(NOT_BEGUN);
    const running = this.runner.start(call, {
      closed: this.closed,
      onLateReply: (end) => this.onLateReply(call, end),
      onEnd: (end) => {
        this.running.delete(running);
        onEnd(end);
      },
    });
    this.running.add(running);
  }

  abort(cause: AbortCause): void {
    for (const attempt of this.running) attempt.abort(cause);
  }

  /** The saga is somebody else's, or nobody's: nothing that still comes in matters. */
  close(): void {
    this.closing.abort(OVER);
    this.abort('lost');
  }
}
