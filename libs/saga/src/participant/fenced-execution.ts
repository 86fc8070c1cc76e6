import type { EntityManager } from 'typeorm';

import type { Effect } from '../planning/journal.js';
import { isRetryLater, isStepRejected } from '../planning/step-errors.js';
import { CommitUnknownError, TransactionLostError } from '../store/store-errors.js';
import { errorRecordOf, refusalRecordOf } from '../planning/error-record.js';
import {
  effectOf,
  failedAt,
  type Fence,
  type FinalReply,
  judge,
  onTheWire,
  replied,
  sideOf,
  started,
  type StoredReply,
  withSide,
} from './fence.js';
import { FenceBusyError } from './fence-errors.js';
import type { HeldFence, Holding, PostgresFence } from './postgres/postgres-fence.js';
import type { CommandMessage, CommandReply } from './protocol.js';
import { failed, type Failure, inProgress } from './replies.js';

/** A command with the handler that it is for. */
export interface Call {
  readonly message: CommandMessage;
  readonly external: boolean;
  /** Runs the handler; its result in a form that can be stored. */
  run(manager: EntityManager): Promise<StoredReply>;
  /** Asks outside what became of the command; left out: nobody knows. Never throws. */
  readonly status?: (() => Promise<KnownStatus>) | undefined;
}

export type KnownStatus = Extract<FinalReply, { kind: 'succeeded' }> | { readonly kind: 'failed' } | { readonly kind: 'unknown' };

export interface Outcome {
  readonly reply: CommandReply;
  /** What the handler, or the database, threw; for the log. */
  readonly error?: unknown;
}

/** Longest wait for another transaction that holds the row: a sender that gave up meanwhile learns nothing. */
const LONGEST_WAIT_MS = 5_000;
const SHORTEST_WAIT_MS = 10;

/** Runs a command's handler so that it takes effect once, whatever the wire repeats, delays or reorders. [R25] */
export class FencedExecution {
  constructor(
    private readonly fence: PostgresFence,
    private readonly retentionMs: number,
  ) {}

  async execute(call: Call): Promise<Outcome> {
    const progress: Progress = { effect: 'none' };
    try {
      const early = call.external ? await this.recordStart(call) : undefined;
      if (early !== undefined) return { reply: early };
      if (call.external) progress.effect = 'possible';
      return await this.attempt(call, progress);
    } catch (error) {
      const unsettled = { reply: replyTo(error, progress.effect), error };
      if (error instanceof FenceBusyError) return unsettled;
      // Where the fence cannot remember that this attempt is over, a copy of its command may still be done.
      return this.endAttempt(call, progress, unsettled).catch(() => ({ reply: replyTo(error, 'possible'), error }));
    }
  }

  /**
   * Nothing is called here. That is remembered as well: another instance may take a copy of the command, and do it. Where that cannot be remembered, its
   * effect is possible. [R26]
   */
  async decline(message: CommandMessage, reply: Failure): Promise<Outcome> {
    try {
      return await this.fence.hold<Outcome>(message, lockWaitMs(message), async (held) => {
        const known = this.settle(held, message);
        if (known !== undefined) return { ...known, value: { reply: known.value } };
        const side = sideOf(held.fence, message);
        return {
          value: { reply: { ...reply, effect: effectOf(side) } },
          fence: withSide(held.fence, message, failedAt(side, message.attempt)),
        };
      });
    } catch (error) {
      return { reply: { ...reply, effect: 'possible' }, error };
    }
  }

  /** Of a handler with effects outside: that it may have been called is durable before it is. */
  private recordStart({ message }: Call): Promise<CommandReply | undefined> {
    return this.fence.hold<CommandReply | undefined>(message, lockWaitMs(message), async (held) => {
      const known = this.settle(held, message);
      if (known !== undefined) return known;
      return { value: undefined, fence: withSide(held.fence, message, started(sideOf(held.fence, message), message.round)) };
    });
  }

  /** The handler's work, the fence row and the reply, in one transaction. */
  private attempt(call: Call, progress: Progress): Promise<Outcome> {
    const { message, external } = call;
    return this.fence.hold<Outcome>(message, lockWaitMs(message), async (held) => {
      const known = this.settle(held, message);
      if (known !== undefined) return { ...known, value: { reply: known.value } };
      let side = sideOf(held.fence, message);
      if (effectOf(side) === 'possible') progress.effect = 'possible';
      // A call before this one was cut short: it may have done all that there is to do.
      const before = external && side.unanswered > 1 ? await call.status?.() : undefined;
      if (before?.kind === 'succeeded') return { value: { reply: before }, fence: afterSuccess(held, message, before) };
      if (before?.kind === 'failed') side = { ...side, unanswered: 1 };
      const { reply, error } = await callHandler(held, call);
      const after = replied(side, { round: message.round, recorded: external }, reply);
      const value = { reply: onTheWire(after.reply ?? reply), error };
      return { value, fence: withSide(held.fence, message, after), undone: reply.kind === 'refused' };
    });
  }

  /** It failed: what is known outside is asked, and the fence remembers that this attempt is over. */
  private endAttempt({ message, status }: Call, { effect }: Progress, unsettled: Outcome & { readonly error: unknown }): Promise<Outcome> {
    return this.fence.hold<Outcome>(message, lockWaitMs(message), async (held) => {
      const known = this.settle(held, message);
      // A copy of the command has done it meanwhile. What else is known refuses this attempt, which is over anyway.
      if (known?.value.kind === 'succeeded' || known?.value.kind === 'deferred') return { ...known, value: { reply: known.value } };
      if (known !== undefined) return { value: unsettled };
      const became = effect === 'possible' ? await status?.() : undefined;
      if (became?.kind === 'succeeded') return { value: { reply: became }, fence: afterSuccess(held, message, became) };
      const side = failedAt(sideOf(held.fence, message), message.attempt);
      if (became?.kind !== 'failed') return { value: unsettled, fence: withSide(held.fence, message, side) };
      const value = { ...unsettled, reply: replyTo(unsettled.error, 'none') };
      return { value, fence: withSide(held.fence, message, { ...side, unanswered: 0 }) };
    });
  }

  /** What the fence answers without a call; undefined where the handler is to be called. */
  private settle(held: HeldFence, message: CommandMessage): Holding<CommandReply> | undefined {
    const verdict = judge(held.fence, message, { now: held.now, retentionMs: this.retentionMs });
    if (verdict.kind === 'call') return undefined;
    if (verdict.kind === 'answer') return { value: verdict.reply };
    const after = replied(sideOf(held.fence, message), { round: message.round, recorded: false }, verdict.reply);
    return { value: verdict.reply, fence: withSide(held.fence, message, after) };
  }
}

/** What is known of the effects, should the attempt end in an error. */
interface Progress {
  effect: Effect;
}

/** It is done, whichever of the calls did it. */
function afterSuccess(held: HeldFence, message: CommandMessage, reply: Extract<KnownStatus, { kind: 'succeeded' }>): Fence {
  const after = replied(sideOf(held.fence, message), { round: message.round, recorded: true }, reply);
  return withSide(held.fence, message, { ...after, unanswered: 0 });
}

async function callHandler({ manager }: HeldFence, call: Call): Promise<{ reply: StoredReply; error?: unknown }> {
  try {
    return { reply: await call.run(manager) };
  } catch (error) {
    if (!isStepRejected(error)) throw error;
    return { reply: { kind: 'refused', error: refusalRecordOf(error), effect: 'none' }, error };
  }
}

function replyTo(error: unknown, effect: Effect): CommandReply {
  if (error instanceof FenceBusyError) return inProgress();
  const certain = !(error instanceof CommitUnknownError || error instanceof TransactionLostError);
  return failed(errorRecordOf(error), certain ? effect : 'possible', isRetryLater(error) ? error.afterMs : undefined);
}

/** Half of what the sender waits, so that "in progress" still reaches it. 0 would mean without limit. */
function lockWaitMs({ timeoutMs = Infinity }: CommandMessage): number {
  return Math.max(SHORTEST_WAIT_MS, Math.min(LONGEST_WAIT_MS, Math.floor(timeoutMs / 2)));
}
