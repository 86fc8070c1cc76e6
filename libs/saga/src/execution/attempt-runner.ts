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
  readonly closed: AbortSignal;
  readonly onLateReply: (end: AttemptEnd) => void;
}

/** Calls a method of a saga, waits for what it returns, and says how it ended. */
export class AttemptRunner {
  constructor(
    private readonly dispatcher: CommandDispatcher,
    private readonly options: Pick<ExecutionOptions, 'abandonAfterMs' | 'maxPayload'>,
    private readonly children: Pick<ChildSagas, 'choose'>,
  ) {}

  start(call: AttemptCall, listening: Listening): RunningAttempt {
    const method = new AbortController();
    const giveUp = new AbortController();
    const patience = new Patience();
    const abort = (cause: AbortCause): void => {
      if (cause !== 'unwinding') {
        giveUp.abort(new AttemptAborted(cause));
        patience.endsIn(this.patienceMs(cause));
      }
      method.abort(new AttemptAborted(cause));
    };
    const working = this.work(call, { ...listening, method: method.signal, giveUp: giveUp.signal });
    return { abort, ended: this.watch(call, working, { giveUp: giveUp.signal, patience, abort }) };
  }

  private async work(
    call: AttemptCall,
    signals: Listening & { readonly method: AbortSignal; readonly giveUp: AbortSignal },
  ): Promise<AttemptEnd> {
    const judgement: Judgement = { effect: call.transactional ? 'none' : 'possible', retryIf: call.retry.retryIf };
    const { place, attempt } = call;
    const { maxPayload } = this.options;
    try {
      const value = await call.call(signals.method);
      if (value instanceof ChildSaga) return await this.children.choose(value, place, call.childPlace);
      requireUndoable(value, call);
      if (value instanceof Command)
        return await this.dispatcher.dispatch(value, {
          ...signals,
          envelope: call.envelope,
          place,
          transactional: call.transactional,
          maxPayload,
          judgement,
        });
      const result: unknown = isObservable(value) ? await lastValueOf(value, signals.giveUp) : value;
      return endOfValue(result, { maxPayload, place, direction: attempt.direction });
    } catch (thrown) {
      return endOfError(thrown, judgement);
    }
  }

  /** Ends the attempt at its timeout, once its method has returned, or after `abandonAfter`: a method cannot be killed. [R22] */
  private async watch(
    call: AttemptCall,
    working: Promise<AttemptEnd>,
    { giveUp, patience, abort }: { readonly giveUp: AbortSignal; readonly patience: Patience; readonly abort: RunningAttempt['abort'] },
  ): Promise<AttemptEnd> {
    const stopLimit = call.timeoutMs === null ? () => undefined : after(call.timeoutMs, () => abort('timed-out'));
    const end = await Promise.race([working, patience.ended]);
    stopLimit();
    patience.stop();
    return giveUp.aborted ? endOfGivenUp(call, (giveUp.reason as AttemptAborted).why, end) : (end as AttemptEnd);
  }

  /** A node that stops cannot wait long for a method that ignores its signal, and what is lost nobody waits for. */
  private patienceMs(cause: AbortCause): number {
    if (cause === 'lost') return 0;
    return cause === 'stopping' ? STOPPING_PATIENCE_MS : this.options.abandonAfterMs;
  }
}

/** A child step has no compensation: its child undoes itself, and a command would not. [R31] */
function requireUndoable(value: unknown, { place, childPlace, attempt }: AttemptCall): void {
  if (!(value instanceof Command) || !childPlace.isChildStep || childPlace.isPastPivot || attempt.direction === 'compensation') return;
  throw new NothingWasDone(
    `${place} is a child step and returned ${value.constructor.name}, which nothing would undo. Return child(…) or a plain value, or give the command a step of its own.`,
  );
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
