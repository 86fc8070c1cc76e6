import { Command } from '@nestjs/cqrs';
import { isObservable } from 'rxjs';

import { ChildSaga } from '../definition/child-saga.js';
import type { AttemptEnd } from '../planning/facts.js';
import { AttemptAborted, type AbortCause } from './attempt-abort.js';
import type { AttemptCall } from './attempt-call.js';
import { endOfError, endOfValue, NothingWasDone, type Judgement } from './attempt-end.js';
import type { ChildSagas } from './child-sagas.js';
import type { CommandDispatcher } from './command-dispatcher.js';
import type { ExecutionOptions } from './execution-options.js';
import { lastValueOf } from './last-value.js';
import { LazyAbort } from './lazy-abort.js';
import { Patience } from './patience.js';
import { after } from './timers.js';

export interface RunningAttempt {
  /** Once the attempt is over: its method has returned, or was given up. Never rejects. */
  readonly ended: Promise<AttemptEnd>;
  /** Aborts the signal of the method. An `unwinding` attempt is still waited for; the others are given up soon. */
  abort(cause: AbortCause): void;
}

interface Listening {
  /** Aborts when the run is over: nobody listens for late replies any more. */
  readonly closed: () => AbortSignal;
  readonly onLateReply: (end: AttemptEnd) => void;
}

/** Calls a method of a saga, waits for what it returns, and says how it ended. */
export class AttemptRunner {
  constructor(
    private readonly dispatcher: CommandDispatcher,
    private readonly options: Pick<ExecutionOptions, 'abandonAfterMs' | 'maxPayload'>,
    private readonly children: Pick<ChildSagas, 'choose'>,
  ) {}

  /** Ends the attempt at its timeout, once its method has returned, or after `abandonAfter`: a method cannot be killed. [R22] */
  start(call: AttemptCall, listening: Listening): RunningAttempt {
    const method = new LazyAbort();
    const giveUp = new LazyAbort();
    let abort: RunningAttempt['abort'] = () => undefined;
    const ended = new Promise<AttemptEnd>((resolve) => {
      const end = (worked?: AttemptEnd): void => {
        stopLimit();
        patience.stop();
        resolve(endOf(call, giveUp.reason, worked));
      };
      const patience = new Patience(end);
      abort = (cause) => {
        const reason = new AttemptAborted(cause);
        if (cause !== 'unwinding') {
          giveUp.abort(reason);
          patience.endsIn(this.patienceMs(cause));
        }
        method.abort(reason);
      };
      const stopLimit = call.timeoutMs === null ? () => undefined : after(call.timeoutMs, () => abort('timed-out'));
      void this.work(call, { ...listening, method, giveUp }).then(end);
    });
    return { abort, ended };
  }

  private async work(
    call: AttemptCall,
    { closed, onLateReply, method, giveUp }: Listening & { readonly method: LazyAbort; readonly giveUp: LazyAbort },
  ): Promise<AttemptEnd> {
    const judgement: Judgement = { effect: call.transactional ? 'none' : 'possible', retryIf: call.retry.retryIf };
    const { place, attempt } = call;
    const { maxPayload } = this.options;
    try {
      const value = await call.call(() => method.signal);
      if (value instanceof ChildSaga) return await this.children.choose(value, place, call.childPlace());
      requireUndoable(value, call);
      if (value instanceof Command)
        return await this.dispatcher.dispatch(value, {
          closed: closed(),
          onLateReply,
          method: method.signal,
          giveUp: giveUp.signal,
          envelope: call.envelope(),
          place,
          transactional: call.transactional,
          maxPayload,
          judgement,
        });
      const result: unknown = isObservable(value) ? await lastValueOf(value, giveUp.signal) : value;
      return endOfValue(result, { maxPayload, place, direction: attempt.direction });
    } catch (thrown) {
      return endOfError(thrown, judgement);
    }
  }

  /** A node that stops cannot wait long for a method that ignores its signal, and what is lost nobody waits for. */
  private patienceMs(cause: AbortCause): number {
    if (cause === 'lost') return 0;
    return cause === 'stopping' ? STOPPING_PATIENCE_MS : this.options.abandonAfterMs;
  }
}

/** A child step has no compensation: its child undoes itself, and a command would not. [R31] */
function requireUndoable(value: unknown, { place, childPlace, attempt }: AttemptCall): void {
  if (!(value instanceof Command) || attempt.direction === 'compensation') return;
  const { isChildStep, isPastPivot } = childPlace();
  if (!isChildStep || isPastPivot) return;
  throw new NothingWasDone(
    `${place} is a child step and returned ${value.constructor.name}, which nothing would undo. Return child(…) or a plain value, or give the command a step of its own.`,
  );
}

const STOPPING_PATIENCE_MS = 500;

/** @param worked undefined: the method was not waited for any longer, which happens only after a reason to give up */
function endOf(call: AttemptCall, givenUp: Error | undefined, worked: AttemptEnd | undefined): AttemptEnd {
  return givenUp instanceof AttemptAborted ? endOfGivenUp(call, givenUp.why, worked) : (worked as AttemptEnd);
}

function endOfGivenUp({ timeoutMs, transactional, retry }: AttemptCall, cause: AbortCause, end: AttemptEnd | undefined): AttemptEnd {
  if (cause === 'timed-out') {
    const error = new AttemptTimedOut(timeoutMs ?? 0);
    const nothingDone = transactional || (end?.kind === 'threw' && end.effect === 'none');
    const judged = endOfError(error, { effect: nothingDone ? 'none' : 'possible', retryIf: retry.retryIf });
    return judged.kind === 'threw' ? { ...judged, timedOut: true, ...(end === undefined && { abandoned: true }) } : judged;
  }
  // What the method still managed to do counts; what it did not is none of the policy's. [R21]
  if (end?.kind === 'returned' || end?.kind === 'refused') return end;
  return { kind: 'interrupted', why: cause === 'stopping' ? 'stop' : 'crash', returned: end !== undefined };
}

class AttemptTimedOut extends Error {
  readonly code = 'SAGA_STEP_TIMED_OUT';

  constructor(timeoutMs: number) {
    super(`no answer within its timeout of ${timeoutMs}ms`);
    this.name = 'AttemptTimedOut';
  }
}
