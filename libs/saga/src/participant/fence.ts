import type { Effect } from '../planning/journal.js';
import type { CommandMessage, CommandReply } from './protocol.js';
import { attemptIsOver, compensatedBefore, expired, roundIsOver, succeeded } from './replies.js';

/** What the fence knows of one direction of a step. */
export interface FenceSide {
  /**
   * `untouched`: no call of this direction was ever recorded. `started`: a handler with effects outside may have been
   * called. `deferred`: its handler was called, and the answer comes later. `succeeded` and `refused`: `reply` is stored.
   */
  readonly state: 'untouched' | 'started' | 'deferred' | 'succeeded' | 'refused';
  /** Of the last call; 0 before the first. */
  readonly round: number;
  /** Calls that may have begun and never left a reply: each may have had an effect outside. */
  readonly unanswered: number;
  /** The last attempt that ended as failed; 0 where none did. A copy of its command is not done: its saga may have ended meanwhile. */
  readonly failed: number;
  readonly reply: StoredReply | null;
}

/** The one row of a (saga, step, item), which action and compensation both claim first. [R25] */
export interface Fence {
  readonly action: FenceSide;
  readonly compensation: FenceSide;
}

export interface FenceClock {
  /** The participant's database, milliseconds since the epoch. */
  readonly now: number;
  readonly retentionMs: number;
}

/** What becomes of a command whose fence row is locked. */
export type Verdict =
  /** The fence knows the answer; nothing changes. */
  | { readonly kind: 'answer'; readonly reply: CommandReply }
  /** Nothing is to be done, and that is to be remembered. */
  | { readonly kind: 'settle'; readonly reply: FinalReply }
  | { readonly kind: 'call' };

/** A failure is not stored, so that trying again may help. */
export type FinalReply = Exclude<CommandReply, { kind: 'failed' | 'deferred' }>;

/** What the fence stores. The token is for whoever answers later, and not for the orchestrator. */
export type StoredReply = FinalReply | { readonly kind: 'deferred'; readonly token: string };

type Command = Pick<CommandMessage, 'direction' | 'round' | 'attempt' | 'firstSentAt' | 'forwardFirstSentAt'>;

export const UNTOUCHED: FenceSide = { state: 'untouched', round: 0, unanswered: 0, failed: 0, reply: null };

export const NEW_FENCE: Fence = { action: UNTOUCHED, compensation: UNTOUCHED };

export const sideOf = (fence: Fence, { direction }: Pick<Command, 'direction'>): FenceSide =>
  direction === 'forward' ? fence.action : fence.compensation;

export const withSide = (fence: Fence, { direction }: Pick<Command, 'direction'>, side: FenceSide): Fence =>
  direction === 'forward' ? { ...fence, action: side } : { ...fence, compensation: side };

/** Some call of the action may have had an effect that no reply tells of. */
export const effectOf = (side: FenceSide): Effect => (side.unanswered > 0 || side.state === 'deferred' ? 'possible' : 'none');

/** Decides what becomes of a command. The order matters: what is known goes before what is forbidden. [R25] */
export function judge(fence: Fence, command: Command, clock: FenceClock): Verdict {
  const side = sideOf(fence, command);
  if (isForgotten(fence, command, clock)) return answer(expired(clock.retentionMs));
  if (side.state === 'succeeded') return answer(storedReply(side));
  if (command.round < side.round) return answer(roundIsOver(command.round, side.round, effectOf(side)));
  if (side.state === 'refused' && command.round === side.round) return answer(storedReply(side));
  if (command.direction === 'forward' && fence.compensation.state !== 'untouched') return answer(compensatedBefore(effectOf(side)));
  if (side.state === 'deferred') return answer({ kind: 'deferred' });
  if (command.attempt <= side.failed) return answer(attemptIsOver(command.attempt, effectOf(side)));
  if (command.direction === 'compensation' && !mayNeedUndoing(fence.action)) return { kind: 'settle', reply: succeeded(undefined) };
  return { kind: 'call' };
}

/** Before a handler with effects outside is called: from here on its effect is possible until it replies. */
export function started(side: FenceSide, round: number): FenceSide {
  return { ...side, state: 'started', round, unanswered: side.unanswered + 1, reply: null };
}

/**
 * After a call that replied, or that was not needed. A refusal is certain only if no other call may have had an effect.
 *
 * @param call its round, and whether its own start was recorded before: then it is unanswered no more
 */
export function replied(side: FenceSide, call: { readonly round: number; readonly recorded: boolean }, reply: StoredReply): FenceSide {
  const after = { ...side, round: call.round, unanswered: call.recorded ? side.unanswered - 1 : side.unanswered };
  if (reply.kind !== 'refused') return { ...after, state: reply.kind, reply };
  return { ...after, state: 'refused', reply: { ...reply, effect: after.unanswered > 0 ? 'possible' : 'none' } };
}

/** After a call that failed, before anybody learns of it: he may give up, and nobody would undo what a copy of the command did after that. [R26] */
export const failedAt = (side: FenceSide, attempt: number): FenceSide => ({ ...side, failed: attempt });

/** A refused action did nothing, unless an earlier call never replied. */
function mayNeedUndoing(action: FenceSide): boolean {
  return action.state === 'succeeded' || effectOf(action) === 'possible';
}

/** Whether a row about this command may have been deleted already, so that finding none says nothing. */
function isForgotten(fence: Fence, command: Command, { now, retentionMs }: FenceClock): boolean {
  if (now - command.firstSentAt > retentionMs) return true;
  const known = fence.action.state !== 'untouched' || fence.compensation.state !== 'untouched';
  return !known && command.forwardFirstSentAt !== undefined && now - command.forwardFirstSentAt > retentionMs;
}

function answer(reply: CommandReply): Verdict {
  return { kind: 'answer', reply };
}

function storedReply({ reply }: FenceSide): CommandReply {
  return reply === null ? succeeded(undefined) : onTheWire(reply);
}

export const onTheWire = (reply: StoredReply): CommandReply => (reply.kind === 'deferred' ? { kind: 'deferred' } : reply);
