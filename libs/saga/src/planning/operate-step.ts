import type { StepDefinition } from './definition.js';
import { graphOf } from './graph.js';
import type { EntryBody, NodeRef } from './journal.js';
import type { OperatedSaga } from './operate.js';
import type { ByOperator } from './operator-note.js';
import type { StoredValue } from './payload.js';
import { SagaOperationError } from './saga-operation.error.js';
import { type NodeState, isWithChild, mayHaveChild, placedNodesOf, stepState } from './state.js';

export type StepRequest = ({ readonly kind: 'skip' } | { readonly kind: 'resolve'; readonly result?: StoredValue }) & NodeRef & ByOperator;

type Node = ReturnType<typeof placedNodesOf>[number];

/** Left undone for good: the step, or, while the saga unwinds, its compensation. [R16] */
export function entriesOfSkipping(saga: OperatedSaga, request: StepRequest): readonly EntryBody[] {
  const { by } = request;
  const why = `skipped by ${by.operator}: ${by.reason}`;
  return open(saga, request).map(({ ref }) =>
    saga.state.unwinding
      ? { kind: 'compensation-skipped', ...ref, why, by }
      : { kind: 'step-skipped', ...ref, why, ...markOf(saga, request), by },
  );
}

/** Done by a person: the step, or, while the saga unwinds, its compensation. [R16] */
export function entriesOfResolving(saga: OperatedSaga, request: StepRequest & { readonly kind: 'resolve' }): readonly EntryBody[] {
  const { by, result, step, item } = request;
  const { unwinding } = saga.state;
  if (unwinding && result !== undefined) throw refusal(saga, request, 'it unwinds, and a compensation leaves no result: leave it out');
  const nodes = open(saga, request);
  const { items } = stepState(saga.state, step);
  if (!unwinding && items === null && definitionOf(saga, step)?.each)
    throw refusal(saga, request, 'it has not fanned out yet: skip it whole, or wait until it has its items');
  if (result !== undefined && items !== null && item === undefined)
    throw refusal(saga, request, 'each of its items has a result of its own: name the item');
  return nodes.map(({ ref }) =>
    unwinding
      ? { kind: 'compensation-resolved', ...ref, by }
      : { kind: 'step-resolved', ...ref, ...(result !== undefined && { result }), ...markOf(saga, request), by },
  );
}

// ---------------------------------------------------------------- what is meant, and whether it may be

/** The nodes that are meant and still open. None of them may be under way: its end would come to a settled step. */
function open(saga: OperatedSaga, request: StepRequest): readonly Node[] {
  requireKnown(saga, request);
  const named = namedNodes(saga, request);
  const unsettled = named.filter(({ node }) => isUnsettled(saga, request.step, node));
  if (unsettled.length === 0) throw refusal(saga, request, whySettled(saga, request, named));
  for (const each of unsettled) requireAtRest(saga, request, each);
  if (!saga.state.unwinding) requireReached(saga, request);
  return unsettled;
}

function requireAtRest(saga: OperatedSaga, request: StepRequest, { ref, node }: Node): void {
  const attempt = node.open ?? node.compensation.open;
  const what = `${ref.item === undefined ? '' : `item ${ref.item}: `}${attempt === null ? 'its end is not recorded yet' : `attempt ${attempt.attempt} is under way, and may still end well`}`;
  if (isWithChild(node))
    throw refusal(saga, request, `its child ${node.child?.choice.id} is under way: mend it there, or wait for its end`);
  if (mayHaveChild(node))
    throw refusal(
      saga,
      request,
      `its child ${node.child?.choice.id} may have been started: ${saga.state.status === 'stuck' ? 'retry the saga, so that it is, and mend it there' : 'once it is, mend it there'}`,
    );
  if (attempt !== null) throw refusal(saga, request, `${what}: wait for its end, or pause the saga, so that no other begins`);
  if (saga.state.unwinding && node.status === 'started') throw refusal(saga, request, `${what}: ask again in a moment`);
}

function namedNodes(saga: OperatedSaga, request: StepRequest): readonly Node[] {
  const { step, item } = request;
  const nodes = placedNodesOf(saga.state, step);
  if (item === undefined) return nodes;
  if (stepState(saga.state, step).items === null) throw refusal(saga, request, 'it has no items: leave item out');
  const node = nodes[item];
  if (node === undefined) throw refusal(saga, request, `it has no item ${item}: its ${nodes.length} items are counted from 0`);
  return [node];
}

function isUnsettled(saga: OperatedSaga, step: string, node: NodeState): boolean {
  const { status, passed, compensation } = node;
  if (!saga.state.unwinding) return status !== 'succeeded' && status !== 'skipped' && !passed;
  if (status === 'started') return true;
  if (status !== 'succeeded' && status !== 'unknown') return false;
  if (definitionOf(saga, step)?.compensation === null) return false;
  return compensation.status === 'pending' || compensation.status === 'started' || compensation.status === 'failed';
}

function whySettled(saga: OperatedSaga, { step, item }: StepRequest, named: readonly Node[]): string {
  const { state } = saga;
  const what = item === undefined ? 'it' : `item ${item}`;
  if (!state.unwinding) return `${what} is done${named.length === 0 ? ', it has no items' : ''}`;
  if (definitionOf(saga, step)?.compensation === null) return 'it has no compensation, and owes nothing';
  const compensations = [...new Set(named.map(({ node }) => node.compensation.status))].filter((status) => status !== 'pending');
  return compensations.length === 0 ? `${what} left nothing to undo` : `the compensation of ${what} is ${compensations.join(' or ')}`;
}

/** What comes after it would start beside what is before it, and a pivot before all that it must not leave behind. [R7, R11] */
function requireReached(saga: OperatedSaga, request: StepRequest): void {
  const { definition, state } = saga;
  const isDone = ({ node }: Node): boolean => node.status === 'succeeded' || node.status === 'skipped' || node.passed;
  const before =
    definition && [...(graphOf(definition).ancestors.get(request.step) ?? [])].find((name) => !placedNodesOf(state, name).every(isDone));
  // Put past its pivot, it would never do what it was asked for first. [R30]
  if (state.cancelReason !== null && !state.pivotBegun && definitionOf(saga, request.step)?.kind === 'pivot')
    throw refusal(saga, request, `it was cancelled (${state.cancelReason}), and this is its pivot: it turns round instead`);
  if (before !== undefined) throw refusal(saga, request, `its turn has not come, ${before} is not done yet: see to ${before} first`);
}

function requireKnown(saga: OperatedSaga, request: StepRequest): void {
  const { definition, state } = saga;
  const { step } = request;
  if (definitionOf(saga, step)) return;
  if (definition !== undefined)
    throw refusal(saga, request, `there is no such step. Its steps are ${definition.steps.map(({ name }) => name).join(', ')}`);
  const begun = Object.keys(state.steps).filter((name) => placedNodesOf(state, name).some(({ node }) => node.attempts > 0));
  // Only a step that was tried has said whether it is the pivot.
  if (!begun.includes(step)) {
    const known = begun.length === 0 ? 'no step has begun' : `those that have begun are ${begun.join(', ')}`;
    throw refusal(
      saga,
      request,
      `its definition is not known here, or it has not gone on since that was changed, and ${known}. Ask a process that runs it`,
    );
  }
}

const definitionOf = ({ definition }: OperatedSaga, step: string): StepDefinition | undefined =>
  definition && graphOf(definition).byName.get(step);

/** A pivot that is skipped or resolved is passed all the same: what comes after it has no way back. */
const markOf = (saga: OperatedSaga, { step }: StepRequest): { readonly pivot?: true } =>
  definitionOf(saga, step)?.kind === 'pivot' ? { pivot: true } : {};

function refusal(
  { instance: { id, name }, state: { status, unwinding } }: OperatedSaga,
  request: StepRequest,
  why: string,
): SagaOperationError {
  const { kind, step } = request;
  const what = unwinding ? `the compensation of ${step}` : step;
  return new SagaOperationError(`${name} ${id} is ${status}, and cannot ${kind} ${what}: ${why}. Nothing was changed.`, {
    saga: name,
    sagaId: id,
    step,
  });
}
