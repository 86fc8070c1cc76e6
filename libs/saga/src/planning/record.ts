import { deferCompensation, deferForward } from './deferral.js';
import type { CompensationDefinition, StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import type { AttemptEnd, Fact } from './facts.js';
import type { ErrorRecord } from './failure.js';
import type { AttemptRef, Effect, Interruption, NodeRef } from './journal.js';
import { nextDelayMs, type ResolvedRetryPolicy } from './retry-policy.js';
import { forwardPolicy, nodeRefOf, settle } from './settle.js';
import { type NodeState, type Tries, nodeState, placedNodesOf } from './state.js';
import { compensationSucceeded, stepSucceeded } from './usual-entries.js';

type Ended<Kind extends AttemptEnd['kind']> = Extract<AttemptEnd, { kind: Kind }>;

/** Turns a fact into what the journal says of it. What becomes possible then is for `advance`. */
export function record(draft: Draft, fact: Fact): void {
  if (fact.kind === 'attempt-ended') recordEnd(draft, fact.attempt, fact.end);
  else if (fact.kind === 'definition-changed') draft.add({ kind: 'definition-changed', hash: fact.hash });
  else recordTakeOver(draft, fact.former === 'alive' ? 'take-over' : 'crash');
}

function recordTakeOver(draft: Draft, why: Interruption): void {
  const end: AttemptEnd = { kind: 'interrupted', why };
  for (const step of draft.definition.steps) {
    for (const { ref, node } of placedNodesOf(draft.state, step.name)) {
      if (node.open) recordEnd(draft, { ...ref, direction: 'forward', attempt: node.open.attempt }, end);
      const { open } = node.compensation;
      if (open) recordEnd(draft, { ...ref, direction: 'compensation', attempt: open.attempt }, end);
    }
  }
}

function recordEnd(draft: Draft, attempt: AttemptRef, end: AttemptEnd): void {
  const step = draft.graph.byName.get(attempt.step);
  const node = nodeState(draft.state, attempt);
  if (step === undefined || node === undefined) return ignore(draft, attempt, 'the saga has no such step or item');
  // Only an operator moves a stuck saga: what comes in late is kept for him to read.
  if (draft.state.status === 'stuck') return ignore(draft, attempt, 'the saga is stuck');
  if (attempt.direction === 'forward') return recordForward(draft, { step, node, attempt }, end);
  if (step.compensation === null) return ignore(draft, attempt, 'the step has no compensation');
  recordCompensation(draft, { compensation: step.compensation, node, attempt }, end);
}

// ---------------------------------------------------------------- forward

interface ForwardAttempt {
  readonly step: StepDefinition;
  readonly node: NodeState;
  readonly attempt: AttemptRef;
}

function recordForward(draft: Draft, tried: ForwardAttempt, end: AttemptEnd): void {
  const { node, attempt } = tried;
  if (node.status !== 'started') return ignore(draft, attempt, `the step is ${node.status}`);
  if (attempt.attempt <= node.earlierAttempts) return ignore(draft, attempt, `its round is over, and round ${node.round} is open`);
  // The method has named a child: a reply to an attempt before would end the step beside it. [R31]
  if (node.child !== null && (end.kind === 'returned' || end.kind === 'refused'))
    return ignore(draft, attempt, 'a child runs, and ends the step');
  if (end.kind === 'returned') return draft.add(stepSucceeded(attempt, end.result));
  if (end.kind === 'refused') return recordRefusal(draft, tried, end);
  // A late failure of an earlier attempt says nothing new: its effect was counted as possible when it was given up.
  if (node.open?.attempt !== attempt.attempt) return ignore(draft, attempt, 'the attempt was given up before');
  if (end.kind === 'chose-child') return recordChoice(draft, tried, end);
  if (end.kind === 'left-to-child') return recordChildStarted(draft, tried);
  if (end.kind === 'deferred') return deferForward(draft, tried);
  if (end.kind === 'threw') return recordThrow(draft, tried, end);
  recordInterruption(draft, tried, end);
}

/** Nothing new starts in a saga that unwinds. [R14] */
function recordChoice(draft: Draft, { node, attempt }: ForwardAttempt, { child }: Ended<'chose-child'>): void {
  if (!draft.state.unwinding) return draft.add({ kind: 'child-chosen', ...attempt, child });
  const error: ErrorRecord = { message: 'the saga unwinds, and its child was not started' };
  settle(draft, nodeRefOf(attempt), { mayHaveEffect: node.mayHaveEffect, error, timedOut: false });
}

function recordChildStarted(draft: Draft, { step, attempt }: ForwardAttempt): void {
  const timeoutMs = step.child?.timeoutMs ?? null;
  draft.add({ kind: 'child-started', ...attempt, ...(timeoutMs !== null && { until: draft.now + timeoutMs }) });
}

/**
 * A refusal is certain only where no attempt before it may have left an effect, or the participant's fence says so. [R9] A readonly
 * step has none: where the saga goes on without it, it does so after a crash, too. [R19]
 */
function recordRefusal(draft: Draft, { step, node, attempt }: ForwardAttempt, { error, effect }: Ended<'refused'>): void {
  const passes = step.onRejected === 'continue';
  const certain = effect === undefined ? !node.mayHaveEffect || (passes && step.kind === 'readonly') : effect === 'none';
  const ref = nodeRefOf(attempt);
  if (!certain) return draft.add({ kind: 'step-unknown', ...ref, error, refused: true });
  draft.add({ kind: 'step-failed', ...ref, error, refused: true, ...(passes && { passed: true as const }) });
}

function recordThrow(draft: Draft, tried: ForwardAttempt, end: Ended<'threw'>): void {
  const { step, node, attempt } = tried;
  const mayHaveEffect = node.mayHaveEffect || end.effect === 'possible';
  const policy = forwardPolicy(draft, step, mayHaveEffect);
  const retryAt = draft.state.unwinding ? null : retryTime(draft, { policy, tried: node, end });
  if (retryAt === null) return settle(draft, nodeRefOf(attempt), { mayHaveEffect, error: end.error, timedOut: end.timedOut ?? false });
  draft.add({ kind: 'attempt-failed', ...attempt, error: end.error, effect: end.effect, retryAt });
  // A pivot whose limit falls away late has passed the number by then, so it is counted from its first failure.
  if (Number.isFinite(policy.attempts) && step.kind !== 'pivot') return;
  alertAt(draft, attempt, { failures: node.failures + 1, message: `keeps failing, and is tried on: ${end.error.message}` });
}

const CUT_SHORT: Readonly<Record<Interruption, string>> = {
  crash: 'its node died, or lost the saga, while it ran',
  'take-over': 'its node lost track of the saga while it ran',
  stop: 'it was stopped before it could end',
};

function recordInterruption(draft: Draft, { step, node, attempt }: ForwardAttempt, { why, returned }: Ended<'interrupted'>): void {
  const effect: Effect = step.transactional ? 'none' : 'possible';
  const mayHaveEffect = node.mayHaveEffect || effect === 'possible';
  const error: ErrorRecord = { message: CUT_SHORT[why] };
  const quiet = !returned && node.open !== null && step.timeoutMs !== null ? { quietUntil: node.open.startedAt + step.timeoutMs } : {};
  const goesOn = !draft.state.unwinding && (step.idempotent || !mayHaveEffect);
  if (goesOn) draft.add({ kind: 'attempt-interrupted', ...attempt, why, effect, ...quiet });
  else settle(draft, nodeRefOf(attempt), { mayHaveEffect, error, timedOut: false, ...quiet });
}

// ---------------------------------------------------------------- compensation

interface CompensationAttempt {
  readonly compensation: CompensationDefinition;
  readonly node: NodeState;
  readonly attempt: AttemptRef;
}

function recordCompensation(draft: Draft, { compensation, node, attempt }: CompensationAttempt, end: AttemptEnd): void {
  const tried = node.compensation;
  const ref = nodeRefOf(attempt);
  if (tried.status !== 'started') return ignore(draft, attempt, `the compensation is ${tried.status}`);
  if (attempt.attempt <= tried.earlierAttempts) return ignore(draft, attempt, `its round is over, and round ${tried.round} is open`);
  if (end.kind === 'returned') return draft.add(compensationSucceeded(attempt));
  if (end.kind === 'refused') return draft.add({ kind: 'compensation-failed', ...ref, error: end.error });
  if (tried.open?.attempt !== attempt.attempt) return ignore(draft, attempt, 'the attempt was given up before');
  if (end.kind === 'deferred') return deferCompensation(draft, attempt, tried);
  if (end.kind === 'left-to-child') return draft.add({ kind: 'child-undoing', ...attempt });
  if (end.kind === 'chose-child') return ignore(draft, attempt, 'a compensation runs no child');
  if (end.kind === 'interrupted') {
    return draft.add({ kind: 'attempt-interrupted', ...attempt, why: end.why, effect: compensation.transactional ? 'none' : 'possible' });
  }
  const retryAt = retryTime(draft, { policy: compensation.retry, tried, end });
  if (retryAt === null) return draft.add({ kind: 'compensation-failed', ...ref, error: end.error });
  draft.add({ kind: 'attempt-failed', ...attempt, error: end.error, effect: end.effect, retryAt });
  alertAt(draft, attempt, { failures: tried.failures + 1, message: `its compensation keeps failing: ${end.error.message}` });
}

// ---------------------------------------------------------------- both ways

interface Failed {
  readonly policy: ResolvedRetryPolicy;
  readonly tried: Tries;
  readonly end: Ended<'threw'>;
}

/** When to try again; null: no more. */
function retryTime(draft: Draft, { policy, tried, end }: Failed): number | null {
  const failures = tried.failures + 1;
  if (!end.retryable || failures >= policy.attempts) return null;
  const retryAt = draft.now + Math.max(nextDelayMs(policy, failures, draft.situation.random()), end.retryAfterMs ?? 0);
  return retryAt - (tried.roundStartedAt ?? draft.now) > policy.withinMs ? null : retryAt;
}

function alertAt(
  draft: Draft,
  { step, item }: NodeRef,
  { failures, message }: { readonly failures: number; readonly message: string },
): void {
  if (failures !== draft.definition.alertAfter) return;
  draft.add({ kind: 'alert-raised', step, ...(item !== undefined && { item }), message: `${message} (${failures} attempts)` });
}

function ignore(draft: Draft, attempt: AttemptRef, why: string): void {
  draft.add({ kind: 'reply-ignored', ...attempt, why });
}
