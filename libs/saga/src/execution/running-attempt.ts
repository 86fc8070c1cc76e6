import type { AttemptEnd } from '../planning/facts.js';
import { AttemptAborted, type AbortCause } from './attempt-abort.js';
import type { AttemptCall } from './attempt-call.js';
import { endOfError } from './attempt-end.js';
import { LazyAbort } from '../definition/lazy-abort.js';
import { Patience } from './patience.js';
import { after } from './timers.js';

/** Who has attempts under way. */
export interface AttemptOwner {
  /** Aborts when the run is over: nobody listens for late replies any more. */
  readonly closing: LazyAbort;
  /** An answer to an attempt that was given up before: it counts while its step is open. [R24] */
  onLateReply(call: AttemptCall, end: AttemptEnd): void;
}

/** An attempt whose method is at work, or was given up not long ago. */
export class RunningAttempt {
  private readonly method = new LazyAbort();
  /** What whoever waits for an answer on its behalf listens to. */
  readonly giveUp = new LazyAbort();
  private patience: Patience | undefined;
  private isOver = false;
  private readonly stopLimit: (() => void) | undefined;

  constructor(
    private readonly call: AttemptCall,
    /** It is over: its method has returned, or was given up. Called once, and never at once. */
    private readonly onEnd: (end: AttemptEnd) => void,
    private readonly abandonAfterMs: number,
  ) {
    if (call.timeoutMs !== null) this.stopLimit = after(call.timeoutMs, () => this.abort('timed-out'));
  }

  /** What the method is given. */
  readonly signal = (): AbortSignal => this.method.signal;

  /** Aborts the signal of the method. An `unwinding` attempt is still waited for; the others are given up soon. */
  abort(cause: AbortCause): void {
    const reason = new AttemptAborted(cause);
    if (cause !== 'unwinding') {
      this.giveUp.abort(reason);
      this.patience ??= new Patience(() => this.end(undefined));
      this.patience.endsIn(this.patienceMs(cause));
    }
    this.method.abort(reason);
  }

  /**
   * The method has returned, or thrown.
   * @param worked undefined: it was not waited for any longer, which happens only after a reason to give up
   */
  end(worked: AttemptEnd | undefined): void {
    this.stopLimit?.();
    this.patience?.stop();
    if (this.isOver) return;
    this.isOver = true;
    const { reason } = this.giveUp;
    this.onEnd(reason instanceof AttemptAborted ? endOfGivenUp(this.call, reason.why, worked) : (worked as AttemptEnd));
  }

  /** A node that stops cannot wait long for a method that ignores its signal, and what is lost nobody waits for. */
  private patienceMs(cause: AbortCause): number {
    if (cause === 'lost') return 0;
    return cause === 'stopping' ? STOPPING_PATIENCE_MS : this.abandonAfterMs;
  }
}

const STOPPING_PATIENCE_MS = 500;

function endOfGivenUp({ timeoutMs, transactional, retry }: AttemptCall, cause: AbortCause, end: AttemptEnd | undefined): AttemptEnd {
  if (cause === 'timed-out') {
    const error = new AttemptTimedOut(timeoutMs ?? 0);
    const nothingDone = transactional || (end?.kind === 'threw' && end.effect === 'none');
    const judged = endOfError(error, { effect: nothingDone ? 'none' : 'possible', retryIf: retry.retryIf });
    return judged.kind === 'threw' ? { ...judged, timedOut: true, ...(end === undefined && { abandoned: true }) } : judged;
  }
  // What the method still managed to do counts; what it did not is none of the policy's. [R21]
  if (end?.kind === 'returned' || end?.kind === 'refused' || end?.kind === 'deferred') return end;
  return { kind: 'interrupted', why: cause === 'stopping' ? 'stop' : 'crash', returned: end !== undefined };
}

class AttemptTimedOut extends Error {
  readonly code = 'SAGA_STEP_TIMED_OUT';

  constructor(timeoutMs: number) {
    super(`no answer within its timeout of ${timeoutMs}ms`);
    this.name = 'AttemptTimedOut';
  }
}
