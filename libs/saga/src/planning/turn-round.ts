import type { StepDefinition } from './definition.js';
import type { Draft } from './draft.js';
import type { SagaFailure } from './failure.js';
import type { NodeRef } from './journal.js';
import { findNode, type NodeState, type PlacedNode } from './state.js';

/** Why the saga has to unwind, if it has to and still may. [R10, R11, R29, R30] */
export function reasonToUnwind(draft: Draft): SagaFailure | undefined {
  const { state, saga, graph } = draft;
  if (state.pivotBegun) {
    const refused = graph.pivot ? findNode(state, graph.pivot.name, isRefused) : undefined;
    return refused && failureOf(refused.ref, refused.node);
  }
  for (const step of draft.definition.steps) {
    const failed = findFailed(draft, step);
    if (failed) return failureOf(failed.ref, failed.node);
  }
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
export function raiseDeadlineAlert(draft: Draft): void {
  const { deadlineAt, startedAt } = draft.saga;
  if (deadlineAt === null || deadlineAt > draft.now || !draft.state.pivotBegun || draft.state.deadlineAlerted) return;
  draft.add({
    kind: 'alert-raised',
    deadline: true,
    message: `its deadline passed, ${deadlineAt - startedAt}ms after its start; its pivot has begun, so it goes on`,
  });
}

const findFailed = (draft: Draft, { name }: StepDefinition): PlacedNode | undefined => findNode(draft.state, name, isFailed);

const isRefused = ({ status, passed }: NodeState): boolean => status === 'failed' && !passed;

const isFailed = (node: NodeState): boolean => node.status === 'unknown' || isRefused(node);

export function failureOf({ step, item }: NodeRef, { refused, timedOut, error }: NodeState): SagaFailure {
  return {
    step,
    kind: refused ? 'rejected' : timedOut ? 'timed-out' : 'failed',
    ...(error?.code !== undefined && { code: error.code }),
    message: `${item === undefined ? '' : `item ${item}: `}${error?.message ?? 'no reason is known'}`,
    ...(error?.details !== undefined && { details: error.details }),
  };
}

export function reasonOfStuck(draft: Draft): SagaFailure {
  for (const step of draft.definition.steps) {
    const failed = findFailed(draft, step);
    if (failed) return failureOf(failed.ref, failed.node);
    const poison = findNode(
      draft.state,
      step.name,
      ({ status, crashes }) => status === 'started' && crashes >= draft.definition.crashLimit,
    );
    if (poison)
      return failureOf(poison.ref, {
        ...poison.node,
        error: { code: 'SAGA_POISON_STEP', message: `its node died ${poison.node.crashes} times while this step ran` },
      });
  }
  return { kind: 'failed', message: 'no step can start, and none has failed: this is a fault of the library' };
}
