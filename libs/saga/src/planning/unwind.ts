import { runsAlone } from './alone.js';
import type { StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import type { LeftCompensation, SagaFailure } from './failure.js';
import type { NodeRef } from './journal.js';
import { settle } from './record.js';
import { type NodeState, nodesOf } from './state.js';

interface Placed {
  readonly step: StepDefinition;
  readonly ref: NodeRef;
  readonly node: NodeState;
}

/** The same graph, the other way round: compensations start when all that depends on their step owes nothing. [R13] */
export function unwind(draft: Draft): void {
  if (draft.state.status === 'stuck') return;
  settleWhatWillNotRun(draft);
  skipWhatOptedOut(draft);
  if (draft.situation.alone && compensateAlone(draft)) return;
  for (const step of draft.definition.steps.toReversed()) compensateStep(draft, step);
  const rest = placedNodes(draft).filter((placed) => owes(placed));
  if (rest.length === 0) return draft.add({ kind: 'saga-compensated', failure: withLeft(draft) });
  if (!rest.some((placed) => isAlive(draft, placed))) draft.add({ kind: 'saga-stuck', failure: withLeft(draft) });
}

/** Not called yet: skipped. Between attempts: the outcome of those made. In flight: waited for. [R14] */
function settleWhatWillNotRun(draft: Draft): void {
  for (const { ref, node } of placedNodes(draft)) {
    if (node.status === 'pending' || node.status === 'waiting') draft.add({ kind: 'step-skipped', ...ref, why: 'the saga unwinds' });
    if (node.status !== 'started' || node.open) continue;
    settle(draft, ref, {
      mayHaveEffect: node.mayHaveEffect,
      error: node.error ?? { message: 'cut short, and not tried again' },
      timedOut: false,
    });
  }
}

function skipWhatOptedOut(draft: Draft): void {
  for (const { step, ref, node } of placedNodes(draft)) {
    if (step.compensation?.onUnknown !== 'skip' || node.status !== 'unknown' || node.compensation.status !== 'pending') continue;
    draft.add({ kind: 'compensation-skipped', ...ref, why: "its outcome is unknown, and its compensation opted out (onUnknown: 'skip')" });
  }
}

function compensateStep(draft: Draft, step: StepDefinition): void {
  if (!isReady(draft, step)) return;
  let free = freeSlots(draft, step);
  for (const placed of placedNodesOf(draft, step)) {
    if (free <= 0) return;
    if (!mayCompensate(draft, placed) || runsAlone(placed.node.compensation) || !isDue(draft, placed)) continue;
    start(draft, placed);
    free -= 1;
  }
}

const start = (draft: Draft, { ref, node }: Placed): void =>
  draft.add({ kind: 'attempt-started', ...ref, direction: 'compensation', attempt: node.compensation.attempts + 1 });

/** The first compensation that may begin now, and only alone. [R21] */
export function unwindingAlone(draft: Draft): Placed | undefined {
  for (const step of draft.definition.steps.toReversed()) {
    if (!isReady(draft, step) || freeSlots(draft, step) <= 0) continue;
    const found = placedNodesOf(draft, step).find((placed) => mayCompensate(draft, placed) && waitsToBeAlone(draft, placed));
    if (found) return found;
  }
  return undefined;
}

function compensateAlone(draft: Draft): boolean {
  const next = unwindingAlone(draft);
  if (next) start(draft, next);
  return next !== undefined;
}

/** When the next compensation may start, milliseconds since the epoch; null: none waits for time, but for a slot or to be alone. */
export function unwindingDueAt(draft: Draft): number | null {
  const due = draft.definition.steps
    .filter((step) => isReady(draft, step) && freeSlots(draft, step) > 0)
    .flatMap((step) => placedNodesOf(draft, step).filter((placed) => mayCompensate(draft, placed) && !waitsToBeAlone(draft, placed)));
  return due.length === 0 ? null : Math.min(...due.map(({ node }) => compensationDueAt(node)));
}

/** How many more items of a step may be compensated side by side; one still under way forward holds its slot. */
const freeSlots = (draft: Draft, { name, concurrency }: StepDefinition): number =>
  concurrency - nodesOf(draft.state, name).filter(({ node }) => node.open ?? node.compensation.open).length;

const compensationDueAt = ({ quietUntil, compensation }: NodeState): number => Math.max(quietUntil ?? 0, compensation.dueAt ?? 0);

const isDue = (draft: Draft, { node }: Placed): boolean => compensationDueAt(node) <= draft.now;

const waitsToBeAlone = (draft: Draft, placed: Placed): boolean => runsAlone(placed.node.compensation) && isDue(draft, placed);

const isReady = (draft: Draft, { name }: StepDefinition): boolean =>
  [...(draft.graph.descendants.get(name) ?? [])].every((dependent) => {
    const step = draft.graph.byName.get(dependent);
    return step === undefined || placedNodesOf(draft, step).every((placed) => !owes(placed));
  });

/** Under way forward, or its effect is still to be undone. [R13] */
function owes({ step, node }: Placed): boolean {
  if (node.status === 'started') return true;
  if (step.compensation === null || (node.status !== 'succeeded' && node.status !== 'unknown')) return false;
  const { status } = node.compensation;
  return status !== 'compensated' && status !== 'skipped' && status !== 'resolved';
}

const mayCompensate = (draft: Draft, placed: Placed): boolean => {
  const { status, open, crashes } = placed.node.compensation;
  return (
    owes(placed) &&
    placed.node.status !== 'started' &&
    !open &&
    (status === 'pending' || status === 'started') &&
    crashes < draft.definition.crashLimit
  );
};

/** Something is under way here, or will be when its time comes. */
const isAlive = (draft: Draft, placed: Placed): boolean =>
  placed.node.open !== null || placed.node.compensation.open !== null || (mayCompensate(draft, placed) && isReady(draft, placed.step));

const placedNodesOf = (draft: Draft, step: StepDefinition): Placed[] =>
  nodesOf(draft.state, step.name).map(({ ref, node }) => ({ step, ref, node }));

const placedNodes = (draft: Draft): Placed[] => draft.definition.steps.flatMap((step) => placedNodesOf(draft, step));

/** The reason for unwinding stays what it was; what was not undone is named apart from it. [R17] */
function withLeft(draft: Draft): SagaFailure {
  const left = placedNodes(draft).flatMap(({ ref, node }): LeftCompensation[] => {
    const { status, error, why, crashes } = node.compensation;
    if (status === 'failed') return [{ ...ref, why: `its compensation failed: ${error?.message ?? 'no reason is known'}` }];
    if (status === 'skipped') return [{ ...ref, why: why ?? 'skipped' }];
    if (status === 'started' && crashes >= draft.definition.crashLimit)
      return [{ ...ref, why: `its node died ${crashes} times while its compensation ran` }];
    return [];
  });
  const failure: SagaFailure = draft.state.failure ?? { kind: 'failed', message: 'no reason is known' };
  return left.length === 0 ? failure : { ...failure, left };
}
