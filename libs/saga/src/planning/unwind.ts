import { runsAlone } from './alone.js';
import { recallChildren } from './children.js';
import type { StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import type { LeftCompensation, SagaFailure } from './failure.js';
import { UNANSWERED } from './deferral.js';
import { settle } from './settle.js';
import { findNode, type NodeState, nodesOf, isWithChild, placedNodesOf, type PlacedNode, refOf, runsChild, stepState } from './state.js';
import { attemptStarted } from './usual-entries.js';

/** The same graph, the other way round: compensations start when all that depends on their step owes nothing. [R13] */
export function unwind(draft: Draft): void {
  if (draft.state.status === 'stuck') return;
  recallChildren(draft);
  settleWhatWillNotRun(draft);
  skipWhatOptedOut(draft);
  if (draft.situation.alone && compensateAlone(draft)) return;
  if (!draft.situation.standsBy) for (const step of draft.definition.steps.toReversed()) compensateStep(draft, step);
  const rest = draft.definition.steps.filter((step) => owesAnything(draft, step));
  if (rest.length === 0) return draft.add({ kind: 'saga-compensated', failure: withLeft(draft) });
  if (!rest.some((step) => isAlive(draft, step))) draft.add({ kind: 'saga-stuck', failure: withLeft(draft) });
}

/** Not called yet: skipped. Between attempts: the outcome of those made. In flight: waited for. [R14] */
function settleWhatWillNotRun(draft: Draft): void {
  for (const { name } of draft.definition.steps)
    for (const [index, node] of nodesOf(draft.state, name).entries())
      if (isIdle(node)) settleIdle(draft, { ref: refOf(draft.state, name, index), node });
}

const isIdle = (node: NodeState): boolean =>
  node.status === 'pending' || node.status === 'waiting' || (node.status === 'started' && node.open === null && !runsChild(node));

function settleIdle(draft: Draft, { ref, node }: PlacedNode): void {
  if (node.status !== 'started') return draft.add({ kind: 'step-skipped', ...ref, why: 'the saga unwinds' });
  settle(draft, ref, {
    mayHaveEffect: node.mayHaveEffect,
    error: node.deferredAt === null ? (node.error ?? { message: 'cut short, and not tried again' }) : UNANSWERED,
    timedOut: false,
  });
}

function skipWhatOptedOut(draft: Draft): void {
  for (const step of draft.definition.steps) {
    if (step.compensation?.onUnknown !== 'skip') continue;
    for (const { ref, node } of placedNodesOf(draft.state, step.name)) {
      if (node.status !== 'unknown' || node.compensation.status !== 'pending') continue;
      draft.add({
        kind: 'compensation-skipped',
        ...ref,
        why: "its outcome is unknown, and its compensation opted out (onUnknown: 'skip')",
      });
    }
  }
}

function compensateStep(draft: Draft, step: StepDefinition): void {
  if (!isReady(draft, step)) return;
  let free = freeSlots(draft, step);
  for (const [index, node] of nodesOf(draft.state, step.name).entries()) {
    if (free <= 0) return;
    if (!mayCompensate(draft, step, node) || runsAlone(node.compensation) || !isDue(draft, node)) continue;
    start(draft, { ref: refOf(draft.state, step.name, index), node });
    free -= 1;
  }
}

const start = (draft: Draft, { ref, node }: PlacedNode): void =>
  draft.add(attemptStarted(ref, 'compensation', node.compensation.attempts + 1));

/** The first compensation that may begin now, and only alone. [R21] */
export function unwindingAlone(draft: Draft): PlacedNode | undefined {
  for (const step of draft.definition.steps.toReversed()) {
    if (!isReady(draft, step) || freeSlots(draft, step) <= 0) continue;
    const found = findNode(draft.state, step.name, (node) => mayCompensate(draft, step, node) && waitsToBeAlone(draft, node));
    if (found) return found;
  }
  return undefined;
}

function compensateAlone(draft: Draft): boolean {
  const next = unwindingAlone(draft);
  if (next) start(draft, next);
  return next !== undefined;
}

/** When the next compensation may start, milliseconds since the epoch; null: none waits for time, but for a slot, to be alone, or beside what is. */
export function unwindingDueAt(draft: Draft): number | null {
  if (draft.situation.standsBy) return null;
  let dueAt: number | null = null;
  for (const step of draft.definition.steps) {
    if (!isReady(draft, step) || freeSlots(draft, step) <= 0) continue;
    for (const node of nodesOf(draft.state, step.name)) {
      if (!mayCompensate(draft, step, node) || waitsToBeAlone(draft, node)) continue;
      dueAt = Math.min(dueAt ?? Infinity, compensationDueAt(node));
    }
  }
  return dueAt;
}

/** How many more items of a step may be compensated side by side; one still under way, itself or its child, holds its slot. */
const freeSlots = (draft: Draft, { name, concurrency }: StepDefinition): number =>
  concurrency - stepState(draft.state, name).nodes.reduce((taken, node) => taken + (isUnderWay(node) ? 1 : 0), 0);

const isUnderWay = (node: NodeState): boolean => node.open !== null || node.compensation.open !== null || isWithChild(node);

const compensationDueAt = ({ quietUntil, compensation }: NodeState): number => Math.max(quietUntil ?? 0, compensation.dueAt ?? 0);

const isDue = (draft: Draft, node: NodeState): boolean => compensationDueAt(node) <= draft.now;

const waitsToBeAlone = (draft: Draft, node: NodeState): boolean => runsAlone(node.compensation) && isDue(draft, node);

const isReady = (draft: Draft, { name }: StepDefinition): boolean =>
  [...(draft.graph.descendants.get(name) ?? [])].every((dependent) => {
    const step = draft.graph.byName.get(dependent);
    return step === undefined || !owesAnything(draft, step);
  });

const owesAnything = (draft: Draft, step: StepDefinition): boolean => nodesOf(draft.state, step.name).some((node) => owes(step, node));

/** Under way forward, or its effect is still to be undone. [R13] */
function owes({ compensation }: StepDefinition, node: NodeState): boolean {
  if (node.status === 'started') return true;
  if (compensation === null || (node.status !== 'succeeded' && node.status !== 'unknown')) return false;
  const { status } = node.compensation;
  return status !== 'compensated' && status !== 'skipped' && status !== 'resolved';
}

const mayCompensate = (draft: Draft, step: StepDefinition, node: NodeState): boolean => {
  const { status, open, crashes } = node.compensation;
  return (
    owes(step, node) &&
    node.status !== 'started' &&
    !open &&
    node.child?.undoing !== true &&
    (status === 'pending' || status === 'started') &&
    crashes < draft.definition.crashLimit
  );
};

/** Something is under way here, or will be when its time comes. */
function isAlive(draft: Draft, step: StepDefinition): boolean {
  const nodes = nodesOf(draft.state, step.name);
  if (nodes.some(isUnderWay)) return true;
  return isReady(draft, step) && nodes.some((node) => mayCompensate(draft, step, node));
}

/** The reason for unwinding stays what it was; what was not undone is named apart from it. [R17] */
function withLeft(draft: Draft): SagaFailure {
  const left = draft.definition.steps.flatMap((step) =>
    placedNodesOf(draft.state, step.name).flatMap(({ ref, node }): readonly LeftCompensation[] => {
      const why = whyLeft(draft, step, node);
      return why === undefined ? [] : [{ ...ref, why }];
    }),
  );
  const failure: SagaFailure = draft.state.failure ?? { kind: 'failed', message: 'no reason is known' };
  return left.length === 0 ? failure : { ...failure, left };
}

function whyLeft(draft: Draft, step: StepDefinition, node: NodeState): string | undefined {
  const { status, error, why, crashes } = node.compensation;
  // Skipped by an operator, it counts as never done: nothing undoes what it may have done.
  if (node.status === 'skipped' && node.mayHaveEffect && step.compensation !== null)
    return `the step was ${node.why ?? 'skipped'}; it may have had an effect`;
  if (status === 'failed') return `its compensation failed: ${error?.message ?? 'no reason is known'}`;
  if (status === 'skipped') return why ?? 'skipped';
  if (status === 'started' && crashes >= draft.definition.crashLimit) return `its node died ${crashes} times while its compensation ran`;
  return undefined;
}
