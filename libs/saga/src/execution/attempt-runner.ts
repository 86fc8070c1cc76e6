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
import { type AttemptListener, RunningAttempt } from './running-attempt.js';

/** Calls a method of a saga, waits for what it returns, and says how it ended. */
export class AttemptRunner {
  constructor(
    private readonly dispatcher: CommandDispatcher,
    private readonly options: Pick<ExecutionOptions, 'abandonAfterMs' | 'maxPayload'>,
    private readonly children: Pick<ChildSagas, 'choose'>,
  ) {}

  /** Ends the attempt at its timeout, once its method has returned, or after `abandonAfter`: a method cannot be killed. [R22] */
  start(call: AttemptCall, listener: AttemptListener): RunningAttempt {
    const running = new RunningAttempt(call, listener, this.options.abandonAfterMs);
    void this.work(call, running, listener).then((end) => running.end(end));
    return running;
  }

  private async work(call: AttemptCall, running: RunningAttempt, { closed, onLateReply }: AttemptListener): Promise<AttemptEnd> {
    const { place, attempt } = call;
    const { maxPayload } = this.options;
    try {
      const value = await call.call(running.signal);
      if (value instanceof ChildSaga) return await this.children.choose(value, place, call.childPlace());
      requireUndoable(value, call);
      if (value instanceof Command)
        return await this.dispatcher.dispatch(value, {
          closed: closed(),
          onLateReply,
          method: running.signal(),
          giveUp: running.giveUpSignal(),
          envelope: call.envelope(),
          place,
          transactional: call.transactional,
          maxPayload,
          judgement: judgementOf(call),
        });
      const result: unknown = isObservable(value) ? await lastValueOf(value, running.giveUpSignal()) : value;
      return endOfValue(result, { maxPayload, place, direction: attempt.direction });
    } catch (thrown) {
      return endOfError(withPlace(thrown, place), judgementOf(call));
    }
  }
}

const judgementOf = ({ transactional, retry }: AttemptCall): Judgement => ({
  effect: transactional ? 'none' : 'possible',
  retryIf: retry.retryIf,
});

/** A child step has no compensation: its child undoes itself, and a command would not. [R31] */
function requireUndoable(value: unknown, { place, childPlace, attempt }: AttemptCall): void {
  if (!(value instanceof Command) || attempt.direction === 'compensation') return;
  const { isChildStep, isPastPivot } = childPlace();
  if (!isChildStep || isPastPivot) return;
  throw new NothingWasDone(
    `${place} is a child step and returned ${value.constructor.name}, which nothing would undo. Return child(…) or a plain value, or give the command a step of its own.`,
  );
}
