import { Command } from '@nestjs/cqrs';
import { isObservable } from 'rxjs';

import { ChildSaga } from '../definition/child-saga.js';
import type { AttemptEnd } from '../planning/facts.js';
import { withPlace } from '../store/saga-transaction.js';
import type { AttemptCall } from './attempt-call.js';
import { endOfError, endOfValue, NothingWasDone, type Judgement } from './attempt-end.js';
import type { ChildSagas } from './child-sagas.js';
import type { CommandDispatcher } from './command-dispatcher.js';
import type { ExecutionOptions } from './execution-options.js';
import { lastValueOf } from './last-value.js';
import { type AttemptOwner, RunningAttempt } from './running-attempt.js';

/** Calls a method of a saga, waits for what it returns, and says how it ended. */
export class AttemptRunner {
  constructor(
    private readonly dispatcher: CommandDispatcher,
    private readonly options: Pick<ExecutionOptions, 'abandonAfterMs' | 'maxPayload'>,
    private readonly children: Pick<ChildSagas, 'choose'>,
  ) {}

  /** Ends the attempt at its timeout, once its method has returned, or after `abandonAfter`: a method cannot be killed. [R22] */
  start(call: AttemptCall, owner: AttemptOwner, onEnd: (end: AttemptEnd) => void): RunningAttempt {
    const running = new RunningAttempt(call, onEnd, this.options.abandonAfterMs);
    void this.work(call, running, owner);
    return running;
  }

  private async work(call: AttemptCall, running: RunningAttempt, owner: AttemptOwner): Promise<void> {
    let end: AttemptEnd;
    try {
      const value = await call.call(running.signal);
      end = isPlain(value) ? this.endOfPlain(value, call) : await this.follow(value, { call, running, owner });
    } catch (thrown) {
      end = endOfError(withPlace(thrown, call.place), judgementOf(call));
      // A method that throws before it has waited for anything: whoever started it does not have it yet.
      await Promise.resolve();
    }
    running.end(end);
  }

  private endOfPlain(value: unknown, { place, attempt }: AttemptCall): AttemptEnd {
    return endOfValue(value, { maxPayload: this.options.maxPayload, place, direction: attempt.direction });
  }

  /** What a method returned goes on elsewhere: as a child, at a handler, or in a stream. */
  private async follow(value: unknown, { call, running, owner }: Following): Promise<AttemptEnd> {
    const { place, transactional } = call;
    if (value instanceof ChildSaga) return this.children.choose(value, place, call.childPlace());
    requireUndoable(value, call);
    if (!(value instanceof Command))
      return this.endOfPlain(isObservable(value) ? await lastValueOf(value, running.giveUp.signal) : value, call);
    return this.dispatcher.dispatch(value, {
      closed: owner.closing,
      onLateReply: (end) => owner.onLateReply(call, end),
      method: running.signal,
      giveUp: running.giveUp,
      envelope: call.envelope(),
      place,
      transactional,
      maxPayload: this.options.maxPayload,
      judgement: judgementOf(call),
    });
  }
}

interface Following {
  readonly call: AttemptCall;
  readonly running: RunningAttempt;
  readonly owner: AttemptOwner;
}

/** Nothing but itself, which is what most methods return. */
const isPlain = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === Object.prototype;

const judgementOf = ({ transactional, retry }: AttemptCall): Judgement => ({
  effect: transactional ? 'none' : 'possible',
  retryIf: retry.retryIf,
});

/** A child step has no compensation: its child undoes itself, and a command would not. [R31] */
function requireUndoable(value: unknown, call: AttemptCall): void {
  const { place, attempt } = call;
  if (!(value instanceof Command) || attempt.direction === 'compensation') return;
  const { isChildStep, isPastPivot } = call.childPlace();
  if (!isChildStep || isPastPivot) return;
  throw new NothingWasDone(
    `${place} is a child step and returned ${value.constructor.name}, which nothing would undo. Return child(…) or a plain value, or give the command a step of its own.`,
  );
}
