import { isWithChild, type NodeState, type SagaState } from './state.js';

/** What a saga waits for. */
export interface WaitingFor {
  /** retry: a pause before the next attempt. reply: an answer that a participant deferred. lock: does not occur in this version. definition: a node whose class it fits. */
  readonly kind: 'event' | 'signal' | 'timer' | 'retry' | 'reply' | 'child' | 'lock' | 'definition';
  /** Of the event, the signal, the child's saga, or the step. */
  readonly name?: string;
  /** When it goes on at the latest; left out: it has no limit. */
  readonly until?: Date;
}

/** What a saga waits for while no attempt is under way: a message or a child first, then the next time; null: it does not wait. */
export function waitingFor({ steps, unwinding }: SagaState): WaitingFor | null {
  const nodes = Object.entries(steps).flatMap(([step, { nodes: ofStep }]) => ofStep.map((node) => ({ step, node })));
  if (nodes.some(({ node }) => node.open !== null || node.compensation.open !== null)) return null;
  const found = nodes.flatMap(({ step, node }) => messageOf(node) ?? childOf(node) ?? replyOf(step, node, unwinding) ?? [])[0];
  if (found) return found;
  const timed = nodes.flatMap(({ step, node }) => timeOf(step, node, unwinding) ?? []);
  return timed.toSorted((a, b) => Number(a.until) - Number(b.until))[0] ?? null;
}

function messageOf({ wait }: NodeState): WaitingFor | undefined {
  return wait === null ? undefined : { kind: wait.channel, name: wait.name, ...untilOf(wait.until) };
}

function childOf(node: NodeState): WaitingFor | undefined {
  const { child } = node;
  if (child === null || !isWithChild(node)) return undefined;
  return { kind: 'child', name: child.choice.name, ...untilOf(child.recalled || child.undoing ? null : child.until) };
}

/** Of a participant that answers later. */
function replyOf(step: string, node: NodeState, unwinding: boolean): WaitingFor | undefined {
  const { deferredAt, dueAt } = unwinding ? node.compensation : node;
  return deferredAt === null || dueAt === null ? undefined : { kind: 'reply', name: step };
}

function timeOf(step: string, node: NodeState, unwinding: boolean): WaitingFor | undefined {
  const { dueAt } = unwinding ? node.compensation : node;
  return dueAt === null ? undefined : { kind: node.status === 'waiting' ? 'timer' : 'retry', name: step, ...untilOf(dueAt) };
}

const untilOf = (time: number | null): Pick<WaitingFor, 'until'> => (time === null ? {} : { until: new Date(time) });
