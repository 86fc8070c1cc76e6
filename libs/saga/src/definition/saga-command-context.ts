import { AsyncLocalStorage } from 'node:async_hooks';

import { Injectable } from '@nestjs/common';

import type { DeferredReply } from './deferred-reply.js';
import type { Direction } from '../planning/journal.js';
import { SagaError } from '../planning/saga-error.js';

/** SagaCommandContext was read where no command of a saga is at work. */
export class SagaCommandContextError extends SagaError {
  readonly code = 'SAGA_COMMAND_CONTEXT';
}

/** What a SagaCommandContext answers while one command is at work. */
export interface CommandContextValues {
  readonly sagaId: string;
  readonly step: string;
  readonly item?: number;
  readonly direction: Direction;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly forwardIdempotencyKey?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** Made when it is first asked for: most handlers never do. */
  readonly signal: () => AbortSignal;
  /** Left out: whoever sent the command waits for the handler's own answer. */
  readonly defer?: () => DeferredReply;
}

const contexts = new AsyncLocalStorage<CommandContextValues>();

/** Runs `run` as the handling of one command: SagaCommandContext answers inside it, and nowhere else. */
export function runWithCommandContext<T>(values: CommandContextValues, run: () => T): T {
  return contexts.run(values, run);
}

/**
 * In a command handler: for which saga it works, and the key under which effects outside may happen once. Inject it
 * anywhere: it finds the command of the call that it is read in.
 *
 * Each property throws a SagaCommandContextError where no command of a saga is at work.
 */
@Injectable()
export class SagaCommandContext {
  /** Of the saga that sent it. */
  get sagaId(): string {
    return current().sagaId;
  }

  /** In a compensation: the step that is undone. */
  get step(): string {
    return current().step;
  }

  /** 0-based, where the step fans out. */
  get item(): number | undefined {
    return current().item;
  }

  /** compensation: what is handled undoes a step. */
  get direction(): Direction {
    return current().direction;
  }

  /** 1-based. */
  get attempt(): number {
    return current().attempt;
  }

  /** The same for every attempt of this step (and item) in this direction. Pass it on to what must act once. */
  get idempotencyKey(): string {
    return current().idempotencyKey;
  }

  /** In a compensation: the key of the action. */
  get forwardIdempotencyKey(): string | undefined {
    return current().forwardIdempotencyKey;
  }

  /** Of the saga, as given when it was started. */
  get metadata(): Readonly<Record<string, string>> {
    return current().metadata;
  }

  /** The trace that the saga is a part of, as W3C Trace Context has it; undefined where the start named none in its metadata. */
  get traceparent(): string | undefined {
    return current().traceparent;
  }

  /** What the tracing systems of that trace say beside it. */
  get tracestate(): string | undefined {
    return current().tracestate;
  }

  /** Aborts when the sender no longer waits for the reply, or the service stops. Pass it to what can be cut short. */
  get signal(): AbortSignal {
    return current().signal();
  }

  /**
   * For a handler whose answer comes later, such as when a bank calls back: hand on its token, and return its `later`. What the handler has written is
   * durable then. The saga waits without a time limit, unless its step has a `timeout`.
   *
   * @throws SagaCommandContextError where the command is handled in the process that executes the saga: a step that awaits an event or a signal waits there
   */
  defer(): DeferredReply {
    const { defer } = current();
    if (defer === undefined) throw new SagaCommandContextError(NOT_DEFERRED);
    return defer();
  }
}

const NOT_DEFERRED =
  'This command is handled in the process that executes its saga, which cannot be answered later. Handle it at a participant (SagaParticipantModule, and participants: { … } in SagaModule.forRoot), or let a step wait with @AwaitEvent or @AwaitSignal.';

function current(): CommandContextValues {
  const values = contexts.getStore();
  if (values === undefined) {
    throw new SagaCommandContextError(
      'No command of a saga is at work here. SagaCommandContext answers inside a command handler that a saga called; elsewhere pass on what you need as an argument.',
    );
  }
  return values;
}
