import type { StepDefinition } from './definition.js';
import { type NodeState, type SagaState, stepState } from './state.js';

/**
 * Why a step that has begun cannot go on as the step that it is today; undefined: it can. A step is called, or waits for a message and is
 * called with that, or runs a child. Begun as the one and gone on with as another, its method would miss what it is called with, would
 * not wait for what it was to wait for, or nobody would undo what it left. What is neither called nor undone any more may be any. [R23]
 *
 * @param before the step of the graph that the saga ran under
 */
export function unfitStep(
  state: SagaState,
  { name, kind }: Pick<StepDefinition, 'name' | 'kind'>,
  { wait, child }: Pick<StepDefinition, 'wait' | 'child'>,
): string | undefined {
  const { nodes } = stepState(state, name);
  const callable = nodes.filter((node) => mayBeCalled(state, node));
  const undoable = nodes.filter(mayBeUndone);
  if (child === null && [...callable, ...undoable].some((node) => node.child !== null))
    return `${name} runs a child, and is no child step here`;
  const heard = callable.find((node) => node.wait !== null || node.message !== null);
  if (wait === null && heard?.wait) return `${name} waits for ${heard.wait.channel} ${heard.wait.name}, and does not wait here`;
  if (wait === null && heard) return `${name} was called with what it waited for, and does not wait here`;
  const called = callable.some((node) => node.attempts > 0 && node.message === null);
  if (wait !== null && called) return `${name} was called without a wait, and waits for ${wait.channel} ${wait.name} here`;
  if (child === null || kind === 'child') return undefined;
  if (called) return `${name} was called as a step that runs no child, and is a child step here`;
  if (kind === 'compensatable' && undoable.length > 0) return `${name} has an effect of its own to undo, and is a child step here`;
  return undefined;
}

/** Forward, again or at last; after a failure by an operator's retry. */
const mayBeCalled = ({ unwinding }: SagaState, { status, passed }: NodeState): boolean =>
  !unwinding && !passed && status !== 'succeeded' && status !== 'skipped';

const mayBeUndone = ({ status, compensation }: NodeState): boolean =>
  (status === 'started' || status === 'succeeded' || status === 'unknown') &&
  (compensation.status === 'pending' || compensation.status === 'started' || compensation.status === 'failed');
