import { runsAlone } from './alone.js';
import { recallDueAt } from './children.js';
import type { StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import { type NodeState, nodesOf, runsChild, someNode, stepState } from './state.js';
import { dueAtOf } from './wait.js';

/** A step that fans out has begun with all its items, though some still wait for their turn; and also where it has none. */
export const hasBegun = (draft: Draft, { name }: StepDefinition): boolean => {
  const { items, nodes } = stepState(draft.state, name);
  return items !== null || nodes.some(({ status }) => status !== 'pending');
};

/** How many more items of a step may run side by side. */
export const freeSlots = (draft: Draft, { name, concurrency }: StepDefinition): number =>
  concurrency - stepState(draft.state, name).nodes.reduce((open, node) => open + (node.open !== null || runsChild(node) ? 1 : 0), 0);

/** A dependency is done when its step succeeded, was skipped, or was refused and the saga goes on without it. [R7] */
export const isDone = (draft: Draft, step: string): boolean => nodesOf(draft.state, step).every(isNodeDone);

const isNodeDone = ({ status, passed }: NodeState): boolean => status === 'succeeded' || status === 'skipped' || passed;

export const isReached = (draft: Draft, { after }: StepDefinition): boolean => after.every((name) => isDone(draft, name));

export const isForwardDone = (draft: Draft): boolean => draft.definition.steps.every(({ name }) => isDone(draft, name));

/** Something is under way, or will be when its time comes. */
export function isForwardAlive(draft: Draft): boolean {
  if (someNode(draft.state, isUnderWay)) return true;
  return draft.definition.steps.some(
    (step) => hasBegun(draft, step) && nodesOf(draft.state, step.name).some((node) => mayStart(draft, node)),
  );
}

const isUnderWay = (node: NodeState): boolean => node.open !== null || runsChild(node);

/** Not settled, no attempt under way, and not given up as one that kills its node. [R21] */
export const mayStart = (draft: Draft, node: NodeState): boolean =>
  (node.status === 'pending' || node.status === 'waiting' || node.status === 'started') &&
  !node.open &&
  !runsChild(node) &&
  node.crashes < draft.definition.crashLimit;

/** What it waits for may have come at any time. */
export const isDue = (draft: Draft, { wait, dueAt }: NodeState): boolean => wait !== null || (dueAt ?? 0) <= draft.now;

export const waitsToBeAlone = (draft: Draft, node: NodeState): boolean => runsAlone(node) && isDue(draft, node);

/**
 * When the next forward attempt of some step may start, milliseconds since the epoch; null: none waits for time. Where all
 * slots of a step are taken, its items wait for a slot, what must be alone waits for that, and what stands by begins nothing:
 * a time in the past would wake the saga again and again.
 */
export function forwardDueAt(draft: Draft): number | null {
  let earliest: number | null = null;
  for (const step of draft.definition.steps) {
    const mayBegin = !draft.situation.standsBy && hasBegun(draft, step) && freeSlots(draft, step) > 0;
    for (const node of nodesOf(draft.state, step.name)) {
      const begins = mayBegin && mayStart(draft, node) && !waitsToBeAlone(draft, node);
      const dueAt = begins ? dueAtOf(node) : recallDueAt(node);
      if (dueAt !== null) earliest = Math.min(earliest ?? Infinity, dueAt);
    }
  }
  return earliest;
}
