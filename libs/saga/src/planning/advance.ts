import { runsAlone } from './alone.js';
import { childrenDueAt, recallChildren, settleChildren } from './children.js';
import type { StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import { evaluate } from './evaluate.js';
import type { SagaFailure } from './failure.js';
import type { NodeRef } from './journal.js';
import { pivotMarkOf, startAttempt } from './start-attempt.js';
import { NEW_NODE, type NodeState, nodesOf, type PlacedNode, runsChild, stepState } from './state.js';
import { unwind } from './unwind.js';
import { beginWait, dueAtOf, settleWait } from './wait.js';

/** Begins all that may begin now, in whichever direction the saga goes, and ends it where nothing is left. */
export function advance(draft: Draft): void {
  const { status } = draft.state;
  if (status === 'completed' || status === 'compensated') return;
  if (status !== 'stuck') settleChildren(draft);
  if (!draft.state.unwinding) goForward(draft);
  if (draft.state.unwinding) unwind(draft);
}

function goForward(draft: Draft): void {
  const failure = reasonToUnwind(draft);
  if (failure) return draft.add({ kind: 'unwinding-began', failure });
  raiseDeadlineAlert(draft);
  if (draft.state.status === 'stuck') return;
  recallChildren(draft);
  if (draft.situation.alone && beginAlone(draft)) return;
  if (beginReadySteps(draft)) return goForward(draft);
  if (isForwardDone(draft)) return draft.add({ kind: 'saga-completed' });
  if (!isForwardAlive(draft)) draft.add({ kind: 'saga-stuck', failure: reasonOfStuck(draft) });
}

// ---------------------------------------------------------------- beginning

/** In graph order. True as soon as a step is settled without running: others may be ready now, or the saga has to unwind. */
function beginReadySteps(draft: Draft): boolean {
  for (const step of draft.definition.steps) {
    const settled = hasBegun(draft, step) ? startDueNodes(draft, step) : isReached(draft, step) && beginStep(draft, step);
    if (settled) return true;
  }
  return false;
}

/** True where the step is settled without running. */
function beginStep(draft: Draft, step: StepDefinition): boolean {
  const ref: NodeRef = { step: step.name };
  const evaluation = evaluate(draft, step);
  switch (evaluation.kind) {
    case 'skip':
      draft.add({ kind: 'step-skipped', ...ref, why: evaluation.why, ...pivotMarkOf(step) });
      return true;
    case 'fail':
      draft.add({ kind: 'step-failed', ...ref, error: evaluation.error, refused: false });
      return true;
    case 'fan-out':
      draft.add({ kind: 'step-fanned-out', ...ref, items: evaluation.items });
      if (step.delayMs > 0) delay(draft, step);
      startDueNodes(draft, step);
      return evaluation.items.length === 0;
    default:
      if (step.delayMs === 0) return run(draft, step, { ref, node: NEW_NODE });
      delay(draft, step);
      return false;
  }
}

function delay(draft: Draft, step: StepDefinition): void {
  for (const { ref } of nodesOf(draft.state, step.name)) draft.add({ kind: 'step-delayed', ...ref, dueAt: draft.now + step.delayMs });
}

/** True where the step is settled without running. */
function startDueNodes(draft: Draft, step: StepDefinition): boolean {
  const nodes = nodesOf(draft.state, step.name);
  let free = freeSlots(draft, step);
  for (const { ref, node } of nodes) {
    if (free <= 0) return false;
    if (!mayStart(draft, node) || runsAlone(node) || !isDue(draft, node)) continue;
    if (run(draft, step, { ref, node })) return true;
    free -= 1;
  }
  return false;
}

/** Calls the method, or first waits for what it is called with. True where the step is settled without running. */
function run(draft: Draft, step: StepDefinition, { ref, node }: PlacedNode): boolean {
  const { wait } = step;
  if (wait !== null && node.wait !== null) return settleWait(draft, { step, wait, ref });
  if (wait !== null && node.attempts === 0) return beginWait(draft, { step, wait, ref });
  startAttempt(draft, step, ref, { attempt: node.attempts + 1 });
  return false;
}

/** The first attempt that may begin now, and only alone. [R21] */
export function forwardAlone(draft: Draft): (PlacedNode & { readonly step: StepDefinition }) | undefined {
  for (const step of draft.definition.steps) {
    if (freeSlots(draft, step) <= 0) continue;
    const found = nodesOf(draft.state, step.name).find(({ node }) => runsAlone(node) && mayStart(draft, node) && isDue(draft, node));
    if (found) return { step, ...found };
  }
  return undefined;
}

/** True where it begins; what else may begin does so in a later turn, beside nothing that may kill the node. */
function beginAlone(draft: Draft): boolean {
  const next = forwardAlone(draft);
  if (next) startAttempt(draft, next.step, next.ref, { attempt: next.node.attempts + 1 });
  return next !== undefined;
}

/**
 * When the next forward attempt of some step may start, milliseconds since the epoch; null: none waits for time. Where all
 * slots of a step are taken, its items wait for a slot, and what must be alone waits for that: a time in the past would wake
 * the saga again and again.
 */
export function forwardDueAt(draft: Draft): number | null {
  const due = draft.definition.steps
    .filter((step) => hasBegun(draft, step) && freeSlots(draft, step) > 0)
    .flatMap(({ name }) =>
      nodesOf(draft.state, name).flatMap(({ node }) => (mayStart(draft, node) && !waitsToBeAlone(draft, node) ? [dueAtOf(node)] : [])),
    );
  const times = [...due, ...childrenDueAt(draft)].filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}

/** Not settled, no attempt under way, and not given up as one that kills its node. [R21] */
const mayStart = (draft: Draft, node: NodeState): boolean =>
  (node.status === 'pending' || node.status === 'waiting' || node.status === 'started') &&
  !node.open &&
  !runsChild(node) &&
  node.crashes < draft.definition.crashLimit;

/** What it waits for may have come at any time. */
const isDue = (draft: Draft, { wait, dueAt }: NodeState): boolean => wait !== null || (dueAt ?? 0) <= draft.now;

const waitsToBeAlone = (draft: Draft, node: NodeState): boolean => runsAlone(node) && isDue(draft, node);

// ---------------------------------------------------------------- where the forward part stands

/** A step that fans out has begun with all its items, though some still wait for their turn; and also where it has none. */
const hasBegun = (draft: Draft, { name }: StepDefinition): boolean => {
  const { items, nodes } = stepState(draft.state, name);
  return items !== null || nodes.some(({ status }) => status !== 'pending');
};

/** How many more items of a step may run side by side. */
const freeSlots = (draft: Draft, { name, concurrency }: StepDefinition): number =>
  concurrency - stepState(draft.state, name).nodes.reduce((open, node) => open + (node.open !== null || runsChild(node) ? 1 : 0), 0);

/** A dependency is done when its step succeeded, was skipped, or was refused and the saga goes on without it. [R7] */
const isDone = (draft: Draft, step: string): boolean => {
  const nodes = nodesOf(draft.state, step);
  return nodes.every(({ node }) => node.status === 'succeeded' || node.status === 'skipped' || node.passed);
};

const isReached = (draft: Draft, { after }: StepDefinition): boolean => after.every((name) => isDone(draft, name));

const isForwardDone = (draft: Draft): boolean => draft.definition.steps.every(({ name }) => isDone(draft, name));

/** Something is under way, or will be when its time comes. */
const isForwardAlive = (draft: Draft): boolean =>
  draft.definition.steps.some((step) => {
    const isUnderWay = hasBegun(draft, step);
    return nodesOf(draft.state, step.name).some(
      ({ node }) => node.open !== null || runsChild(node) || (isUnderWay && mayStart(draft, node)),
    );
  });

// ---------------------------------------------------------------- turning round

/** Why the saga has to unwind, if it has to and still may. [R10, R11, R29, R30] */
function reasonToUnwind(draft: Draft): SagaFailure | undefined {
  const { state, saga, graph } = draft;
  if (state.pivotBegun) {
    const refused = graph.pivot ? failedNodes(draft, graph.pivot).find(({ node }) => node.status === 'failed') : undefined;
    return refused && failureOf(refused.ref, refused.node);
  }
  const failed = draft.definition.steps.flatMap((step) => failedNodes(draft, step))[0];
  if (failed) return failureOf(failed.ref, failed.node);
  if (state.cancelReason !== null) return { kind: 'cancelled', message: state.cancelReason };
  if (saga.deadlineAt !== null && saga.deadlineAt <= draft.now) {
    return {
      kind: 'timed-out',
      code: 'SAGA_DEADLINE',
      message: `its deadline passed, ${saga.deadlineAt - saga.startedAt}ms after its start`,
    };
  }
  return undefined;
}

/** Past the pivot there is no way back: a deadline is said aloud, once, and changes nothing. [R11] */
function raiseDeadlineAlert(draft: Draft): void {
  const { deadlineAt, startedAt } = draft.saga;
  if (deadlineAt === null || deadlineAt > draft.now || !draft.state.pivotBegun || draft.state.deadlineAlerted) return;
  draft.add({
    kind: 'alert-raised',
    deadline: true,
    message: `its deadline passed, ${deadlineAt - startedAt}ms after its start; its pivot has begun, so it goes on`,
  });
}

const failedNodes = (draft: Draft, { name }: StepDefinition): readonly PlacedNode[] =>
  nodesOf(draft.state, name).filter(({ node }) => node.status === 'unknown' || (node.status === 'failed' && !node.passed));

export function failureOf({ step, item }: NodeRef, { refused, timedOut, error }: NodeState): SagaFailure {
  return {
    step,
    kind: refused ? 'rejected' : timedOut ? 'timed-out' : 'failed',
    ...(error?.code !== undefined && { code: error.code }),
    message: `${item === undefined ? '' : `item ${item}: `}${error?.message ?? 'no reason is known'}`,
    ...(error?.details !== undefined && { details: error.details }),
  };
}

function reasonOfStuck(draft: Draft): SagaFailure {
  for (const step of draft.definition.steps) {
    const failed = failedNodes(draft, step)[0];
    if (failed) return failureOf(failed.ref, failed.node);
    const poison = nodesOf(draft.state, step.name).find(
      ({ node }) => node.status === 'started' && node.crashes >= draft.definition.crashLimit,
    );
    if (poison)
      return failureOf(poison.ref, {
        ...poison.node,
        error: { code: 'SAGA_POISON_STEP', message: `its node died ${poison.node.crashes} times while this step ran` },
      });
  }
  return { kind: 'failed', message: 'no step can start, and none has failed: this is a fault of the library' };
}
