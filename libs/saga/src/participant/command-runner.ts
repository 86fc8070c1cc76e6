import { Logger } from '@nestjs/common';
import type { Command, CommandBus, ICommand } from '@nestjs/cqrs';

import { DeferredReply } from '../definition/deferred-reply.js';
import { LONGEST_TIMER_MS } from '../planning/durations.js';
import { encodePayload, PayloadFault } from '../planning/payload.js';
import { SagaError } from '../planning/saga-error.js';
import { runWithTransaction } from '../store/saga-transaction.js';
import type { CommandCatalog, KnownCommand } from './command-catalog.js';
import { deferralToken } from './deferral-token.js';
import type { StoredReply } from './fence.js';
import type { FencedExecution, KnownStatus, Outcome } from './fenced-execution.js';
import type { CommandMessage } from './protocol.js';
import { rehydrate } from './rehydrate.js';
import type { CommandStatus } from './saga-status-handler.js';
import { failed, type Failure, notCalled, notKnownYet, succeeded } from './replies.js';
import { LazyAbort } from '../definition/lazy-abort.js';
import { runWithCommandContext } from '../definition/saga-command-context.js';
import type { Semaphore } from '../store/semaphore.js';

/** A handler returned what does not survive storage. [R5] */
export class CommandResultError extends SagaError {
  readonly code = 'SAGA_RESULT_NOT_STORABLE';
}

export interface CommandRunnerParts {
  /** Its name. */
  readonly participant: string;
  readonly catalog: CommandCatalog;
  readonly bus: CommandBus;
  readonly execution: FencedExecution;
  readonly slots: Semaphore;
  /** Bytes of a payload and of a result. */
  readonly maxPayload: number;
}

/** Finds a command's class and handler, and runs the handler under the fence. */
export class CommandRunner {
  private readonly logger = new Logger('SagaParticipant');

  constructor(private readonly parts: CommandRunnerParts) {}

  async run(message: CommandMessage, stopped: AbortSignal): Promise<Outcome> {
    const known = this.parts.catalog.find(message.command, this.parts.participant);
    if (typeof known === 'string') return this.decline(message, notKnownYet('SAGA_UNKNOWN_COMMAND', known));
    const command = commandOf(known, message, this.parts.maxPayload);
    if (typeof command === 'string') return this.decline(message, notCalled('SAGA_MALFORMED_COMMAND', command));
    const deadline = new Deadline(message.timeoutMs, stopped);
    try {
      return await this.parts.slots.run(() => this.execute({ known, command, message, deadline }));
    } finally {
      deadline.clear();
    }
  }

  /** Answers without a call. */
  async decline(message: CommandMessage, reply: Failure): Promise<Outcome> {
    return this.parts.slots.run(async () => this.parts.execution.decline(message, reply));
  }

  private async execute({ known, command, message, deadline }: Prepared): Promise<Outcome> {
    if (deadline.isOver) {
      // Its sender waits no more, or this service stops: nobody is told that it certainly was not done.
      const why = `Participant '${this.parts.participant}' had no connection free in time. Raise the pool's size, or run more of it.`;
      return { reply: failed({ code: 'SAGA_PARTICIPANT_BUSY', message: why }, 'possible') };
    }
    const context = { ...message, signal: deadline.signal, defer: () => new DeferredReply(deferralToken(message)) };
    const place = known.handler.name;
    return this.parts.execution.execute({
      message,
      external: known.external,
      run: (manager) =>
        runWithTransaction({ manager, place }, () => runWithCommandContext(context, () => this.callHandler(command, message))),
      status: known.status && (() => runWithCommandContext(context, async () => this.askStatus(known, command, message))),
    });
  }

  private async askStatus({ status, handler }: KnownCommand, command: ICommand, message: CommandMessage): Promise<KnownStatus> {
    try {
      const answer: CommandStatus | undefined = await status?.status(command as Command<unknown>);
      if (answer?.outcome === 'failed') return { kind: 'failed' };
      return answer?.outcome === 'succeeded' ? succeeded(encodePayload(answer.result, this.parts.maxPayload)) : { kind: 'unknown' };
    } catch (error) {
      const { saga, sagaId, step, metadata } = message;
      this.logger.warn(`The status of ${handler.name} could not be asked, so that an effect stays possible: ${String(error)}`, {
        participant: this.parts.participant,
        ...{ saga, sagaId, step, metadata },
      });
      return { kind: 'unknown' };
    }
  }

  private async callHandler(command: ICommand, message: CommandMessage): Promise<StoredReply> {
    const result: unknown = await this.parts.bus.execute(command);
    if (result instanceof DeferredReply) return { kind: 'deferred', token: result.token };
    try {
      return succeeded(encodePayload(result, this.parts.maxPayload));
    } catch (fault) {
      if (!(fault instanceof PayloadFault)) throw fault;
      const what = fault.path === '' ? 'the result' : `the result's ${fault.path}`;
      throw new CommandResultError(`Command '${message.command}' (step ${message.step}): ${what} ${fault.why}.`, {
        ...message,
        cause: fault,
      });
    }
  }
}

interface Prepared {
  readonly known: KnownCommand;
  readonly command: ICommand;
  readonly message: CommandMessage;
  readonly deadline: Deadline;
}

/** @returns text that says why not, where the payload is none of this command */
function commandOf({ type }: KnownCommand, { command, payload }: CommandMessage, maxPayload: number): ICommand | string {
  try {
    return rehydrate(type, payload, maxPayload);
  } catch (fault) {
    if (!(fault instanceof PayloadFault)) throw fault;
    return `The payload of command '${command}' is no ${type.name}: ${fault.path === '' ? 'it' : fault.path} ${fault.why}.`;
  }
}

/** Aborts when the sender no longer waits, or the service stops. */
class Deadline {
  private readonly abort = new LazyAbort();
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly stop = (): void => this.abort.abort(this.stopped.reason as Error);

  constructor(
    timeoutMs: number | undefined,
    private readonly stopped: AbortSignal,
  ) {
    if (stopped.aborted) this.stop();
    stopped.addEventListener('abort', this.stop, { once: true });
    if (timeoutMs === undefined) return;
    const pass = (): void => this.abort.abort(new DOMException(`The sender waits ${timeoutMs} ms, and they have passed.`, 'TimeoutError'));
    this.timer = setTimeout(pass, Math.min(timeoutMs, LONGEST_TIMER_MS));
    this.timer.unref();
  }

  get isOver(): boolean {
    return this.abort.reason !== undefined;
  }

  readonly signal = (): AbortSignal => this.abort.signal;

  clear(): void {
    clearTimeout(this.timer);
    this.stopped.removeEventListener('abort', this.stop);
  }
}
