import type { AttemptEnd } from '../planning/facts.js';
import { type AbortCause, AttemptAborted } from './attempt-abort.js';
import type { AttemptCall } from './attempt-call.js';
import type { AttemptRunner } from './attempt-runner.js';
import { LazyAbort } from '../definition/lazy-abort.js';
import type { AttemptOwner, RunningAttempt } from './running-attempt.js';

/** It was not begun, or nothing of it is at work any more. */
export const NOT_BEGUN: AttemptEnd = { kind: 'interrupted', why: 'stop', returned: true };

/** One for all: an error costs more than a saga has attempts. */
const OVER = new AttemptAborted('lost');

/** The attempts of one saga that are under way in this process. */
export class RunAttempts implements AttemptOwner {
  private readonly running = new Set<RunningAttempt>();
  readonly closing = new LazyAbort();

  constructor(
    private readonly runner: AttemptRunner,
    readonly onLateReply: AttemptOwner['onLateReply'],
  ) {}

  get isClosed(): boolean {
    return this.closing.reason !== undefined;
  }

  /** Calls the method. @param onEnd called once, when the attempt is over */
  make(call: AttemptCall, onEnd: (end: AttemptEnd) => void): void {
    if (this.isClosed) return onEnd(NOT_BEGUN);
    const running = this.runner.start(call, this, (end) => {
      this.running.delete(running);
      onEnd(end);
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
