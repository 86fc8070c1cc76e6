import type { Definition, SagaInstance } from './definition.js';
import type { Draft } from './draft.js';
import type { ErrorRecord, SagaFailure } from './failure.js';
import type { NodeRef } from './journal.js';
import type { StoredValue } from './payload.js';
import { resultOf } from './evaluate.js';
import { type Message, type NodeState, nodesOf, nodeState, refOf, runsChild, type SagaState } from './state.js';

/** What a child tells its parent when it has ended: the payload of a message whose name is the child's id. */
export type ChildEnd = { readonly node: NodeRef } & (
  { readonly status: 'completed'; readonly results: StoredValue } | { readonly status: 'compensated'; readonly failure: SagaFailure }
);

/** A child that has ended ends its step, or the compensation of its step; late and foreign messages change nothing. [R31] */
export function settleChildren(draft: Draft): void {
  for (const message of draft.state.inbox) {
    if (message.channel === 'child') settleChild(draft, message, message.payload as unknown as ChildEnd);
  }
}

function settleChild(draft: Draft, { name, sequence: message }: Message, end: ChildEnd): void {
  const { node: ref } = end;
  const node = nodeState(draft.state, ref);
  if (node?.child?.choice.id !== name) return;
  if (node.status === 'started') settleForward(draft, ref, { end, message });
  else if (end.status === 'compensated' && node.child.undoing && node.compensation.status === 'started')
    draft.add({ kind: 'compensation-succeeded', ...ref, message });
}

function settleForward(draft: Draft, ref: NodeRef, { end, message }: { readonly end: ChildEnd; readonly message: number }): void {
  if (end.status === 'completed') {
    const bytes = Buffer.byteLength(JSON.stringify(end.results));
    if (bytes <= draft.definition.maxPayload) return draft.add({ kind: 'step-succeeded', ...ref, result: end.results, message });
    // It is done, and what it left cannot be kept: it is undone as a whole.
    const error = {
      code: 'SAGA_PAYLOAD',
      message: `the child's results have ${bytes} bytes, the limit (maxPayload) is ${draft.definition.maxPayload}`,
    };
    return draft.add({ kind: 'step-unknown', ...ref, error, message });
  }
  const step = draft.graph.byName.get(ref.step);
  const refused = end.failure.kind === 'rejected';
  draft.add({
    kind: 'step-failed',
    ...ref,
    error: errorOf(end.failure),
    refused,
    ...(refused && step?.onRejected === 'continue' && { passed: true as const }),
    ...(nodeState(draft.state, ref)?.child?.timedOut && { timedOut: true as const }),
    message,
  });
}

function errorOf({ step, code, message, details }: SagaFailure): ErrorRecord {
  return {
    ...(code !== undefined && { code }),
    message: `the child was compensated: ${step === undefined ? '' : `${step}: `}${message}`,
    ...(details !== undefined && { details }),
  };
}

/** What a saga that has ended has to tell its parent; undefined where it has none, or has not ended. */
export function childEndOf(definition: Definition, { parent }: SagaInstance, state: SagaState): ChildEnd | undefined {
  if (parent === undefined) return undefined;
  const node = { step: parent.step, ...(parent.item !== undefined && { item: parent.item }) };
  if (state.status === 'compensated' && state.failure) return { node, status: 'compensated', failure: state.failure };
  if (state.status !== 'completed') return undefined;
  const results = definition.steps.flatMap(({ name, each }) => {
    const result = resultOf(state, name, each !== undefined);
    return result === undefined ? [] : [[name, result] as const];
  });
  return { node, status: 'completed', results: Object.fromEntries(results) };
}

/** Forward, a child whose time is over is told to unwind; when the saga unwinds, each child that is under way. [R14, R31] */
export function recallChildren(draft: Draft): void {
  for (const { name } of draft.definition.steps) {
    const nodes = nodesOf(draft.state, name);
    if (!nodes.some(runsChild)) continue;
    for (const [index, node] of nodes.entries()) {
      if (!runsChild(node) || node.child?.recalled !== false) continue;
      const ref = refOf(draft.state, name, index);
      if (draft.state.unwinding) draft.add({ kind: 'child-recalled', ...ref, why: 'its parent unwinds' });
      else if (node.child.until !== null && node.child.until <= draft.now)
        draft.add({ kind: 'child-recalled', ...ref, why: 'its time is over', timedOut: true });
    }
  }
}

/** When a child is to be recalled, milliseconds since the epoch; null: it is not. It holds its slot all the while. */
export const recallDueAt = (node: NodeState): number | null =>
  runsChild(node) && node.child?.recalled === false ? node.child.until : null;
