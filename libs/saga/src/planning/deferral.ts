import type { StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import type { ErrorRecord } from './failure.js';
import type { AttemptRef, NodeRef } from './journal.js';
import { goesOnlyForward, nodeRefOf, settle } from './settle.js';
import type { NodeState, Tries } from './state.js';

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15 * 60_000;

/** A tenth of the time that it has taken so far, so that an answer is seen late by a tenth of it at most, and days cost few questions. */
const share = (waitedMs: number): number => Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, Math.round(waitedMs / 10)));

/** The participant answers later: the step waits, and spends no attempt of its policy. [R9] */
export function deferForward(draft: Draft, { step, node, attempt }: Deferred): void {
  // A saga that unwinds waits for no answer. [R14]
  if (draft.state.unwinding) return settle(draft, nodeRefOf(attempt), { mayHaveEffect: true, error: UNANSWERED, timedOut: false });
  const { deferredAt } = node;
  const limitAt = replyLimitAt(draft, step, { ...node, deferredAt: deferredAt ?? draft.now });
  draft.add({ kind: 'attempt-deferred', ...attempt, askAt: Math.min(nextAskAt(draft, node), limitAt ?? Infinity) });
}

/** Why nobody knows the outcome of a step whose saga unwinds. */
export const UNANSWERED: ErrorRecord = { message: 'the saga unwinds, and its participant has not answered yet' };

export interface Deferred {
  readonly step: StepDefinition;
  readonly node: NodeState;
  readonly attempt: AttemptRef;
}

/** The same for a compensation, which has no limit. */
export function deferCompensation(draft: Draft, attempt: AttemptRef, tried: Tries): void {
  draft.add({ kind: 'attempt-deferred', ...attempt, askAt: nextAskAt(draft, tried) });
}

const nextAskAt = ({ now }: Draft, { deferredAt }: Tries): number => now + share(now - (deferredAt ?? now));

/** Ends a step whose participant has taken longer than the step's own timeout. Its effect may still come: it is undone. [R10] */
export function settleLateReply(
  draft: Draft,
  step: StepDefinition,
  { ref, node }: { readonly ref: NodeRef; readonly node: NodeState },
): boolean {
  const limitAt = replyLimitAt(draft, step, node);
  if (limitAt === null || limitAt > draft.now) return false;
  const error = { code: 'SAGA_REPLY_TIMED_OUT', message: `its participant has not answered within ${step.replyTimeoutMs}ms` };
  settle(draft, ref, { mayHaveEffect: true, error, timedOut: true });
  return true;
}

/** Null: it may take as long as it takes. So it may where there is no way back. [R11] */
function replyLimitAt(draft: Draft, step: StepDefinition, { deferredAt }: Tries): number | null {
  if (deferredAt === null || step.replyTimeoutMs === null || goesOnlyForward(draft, step, true)) return null;
  return deferredAt + step.replyTimeoutMs;
}
