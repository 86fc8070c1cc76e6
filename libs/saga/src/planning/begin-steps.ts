import { runsAlone } from './alone.js';
import { settleLateReply } from './deferral.js';
import type { StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import { evaluate } from './evaluate.js';
import { freeSlots, hasBegun, isDue, isReached, mayStart } from './forward-state.js';
import type { NodeRef } from './journal.js';
import { pivotMarkOf, startAttempt } from './start-attempt.js';
import { findNode, NEW_NODE, nodesOf, placedNodesOf, type PlacedNode, refOf } from './state.js';
import { beginWait, settleWait } from './wait.js';

/** In graph order. True as soon as a step is settled without running: others may be ready now, or the saga has to unwind. */
export function beginReadySteps(draft: Draft): boolean {
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
  for (const { ref } of placedNodesOf(draft.state, step.name)) draft.add({ kind: 'step-delayed', ...ref, dueAt: draft.now + step.delayMs });
}

/** True where the step is settled without running. */
function startDueNodes(draft: Draft, step: StepDefinition): boolean {
  const nodes = nodesOf(draft.state, step.name);
  let free = freeSlots(draft, step);
  for (const [index, node] of nodes.entries()) {
    if (free <= 0) return false;
    if (!mayStart(draft, node) || runsAlone(node) || !isDue(draft, node)) continue;
    if (run(draft, step, { ref: refOf(draft.state, step.name, index), node })) return true;
    free -= 1;
  }
  return false;
}

/** Calls the method, or first waits for what it is called with. True where the step is settled without running. */
function run(draft: Draft, step: StepDefinition, { ref, node }: PlacedNode): boolean {
  const { wait } = step;
  if (wait !== null && node.wait !== null) return settleWait(draft, { step, wait, ref });
  if (wait !== null && node.attempts === 0) return beginWait(draft, { step, wait, ref });
  if (settleLateReply(draft, step, { ref, node })) return true;
  startAttempt(draft, step, ref, { attempt: node.attempts + 1 });
  return false;
}

/** The first attempt that may begin now, and only alone. [R21] */
export function forwardAlone(draft: Draft): (PlacedNode & { readonly step: StepDefinition }) | undefined {
  for (const step of draft.definition.steps) {
    if (!nodesOf(draft.state, step.name).some(runsAlone) || freeSlots(draft, step) <= 0) continue;
    const found = findNode(draft.state, step.name, (node) => runsAlone(node) && mayStart(draft, node) && isDue(draft, node));
    if (found) return { step, ...found };
  }
  return undefined;
}

/** True where it begins; what else may begin does so in a later turn, beside nothing that may kill the node. */
export function beginAlone(draft: Draft): boolean {
  const next = forwardAlone(draft);
  if (next && !settleLateReply(draft, next.step, next)) startAttempt(draft, next.step, next.ref, { attempt: next.node.attempts + 1 });
  return next !== undefined;
}
