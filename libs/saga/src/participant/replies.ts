import type { Effect } from '../planning/journal.js';
import type { StoredValue } from '../planning/payload.js';
import type { CommandReply } from './protocol.js';

type Refusal = Extract<CommandReply, { kind: 'refused' }>;
export type Failure = Extract<CommandReply, { kind: 'failed' }>;

/** Pause that a sender is asked for while another attempt of the same step is at work. */
const IN_PROGRESS_PAUSE_MS = 1_000;
/**
 * Pause that a sender is asked for where this version cannot know what is meant. With five attempts, the default, a
 * deploy has two minutes to bring the version that does.
 */
const NEXT_VERSION_PAUSE_MS = 30_000;

export function succeeded(result: StoredValue | undefined): Extract<CommandReply, { kind: 'succeeded' }> {
  return result === undefined ? { kind: 'succeeded' } : { kind: 'succeeded', result };
}

/** Nothing was called: trying again may help. */
export function notCalled(code: string, message: string, retryAfterMs?: number): Failure {
  return { kind: 'failed', error: { code, message }, effect: 'none', ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Nothing was called; another version of this participant may know more. */
export function notKnownYet(code: string, message: string): Failure {
  return notCalled(code, message, NEXT_VERSION_PAUSE_MS);
}

export function failed(error: { readonly code?: string; readonly message: string }, effect: Effect, retryAfterMs?: number): CommandReply {
  return { kind: 'failed', error, effect, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Possible, not none: the attempt that holds the row may well succeed after this answer. */
export function inProgress(): CommandReply {
  return failed(
    { code: 'SAGA_IN_PROGRESS', message: 'Another attempt of this step, or its compensation, is at work.' },
    'possible',
    IN_PROGRESS_PAUSE_MS,
  );
}

export function compensatedBefore(effect: Effect): Refusal {
  return {
    kind: 'refused',
    error: { code: 'SAGA_COMPENSATED_BEFORE', message: 'The compensation of this step was here before its action.' },
    effect,
  };
}

export function roundIsOver(round: number, current: number, effect: Effect): Refusal {
  return {
    kind: 'refused',
    error: { code: 'SAGA_ROUND_OVER', message: `This command is of round ${round}, and round ${current} has begun.` },
    effect,
  };
}

/** A copy of a command that was answered, or a command that its network kept for too long. */
export function attemptIsOver(attempt: number, effect: Effect): CommandReply {
  const message = `This is a copy of attempt ${attempt}, which has failed. It is not done any more: only a later attempt is.`;
  return failed({ code: 'SAGA_ATTEMPT_OVER', message }, effect);
}

export function expired(retentionMs: number): Refusal {
  const message = `The command is older than the ${retentionMs} ms (fenceRetention) for which this participant remembers what it did, so that it may have been done. Look at the participant's data.`;
  return { kind: 'refused', error: { code: 'SAGA_COMMAND_EXPIRED', message }, effect: 'possible' };
}
