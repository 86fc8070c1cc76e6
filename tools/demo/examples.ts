import type { JournalEntry, OrderDetail, StepSummary } from './order-api.js';

export type Kind = 'done' | 'refused and unwound' | 'unknown and unwound' | 'left lying and unwound' | 'recovered';

/** One order of each kind that the run had, to be shown. */
export type Examples = Readonly<Record<Kind, OrderDetail | undefined>>;

/**
 * Picks the examples, the ones that show most. `interrupted` holds the ids of those whose saga a crash cut short; these stand for
 * another kind only where there is no other.
 */
export function pickExamples(orders: readonly OrderDetail[], interrupted: ReadonlySet<string>): Examples {
  const cut = orders.filter(({ orderId }) => interrupted.has(orderId));
  const calm = orders.filter(({ orderId }) => !interrupted.has(orderId));
  const pick = (is: (order: OrderDetail) => boolean, score: (order: OrderDetail) => number): OrderDetail | undefined =>
    best(calm.filter(is), score) ?? best(cut.filter(is), score);
  return {
    done: pick(({ state }) => state === 'DELIVERED', doneCount),
    'refused and unwound': pick((order) => order.state === 'REJECTED' && !has(order, 'unknown') && !wasLeft(order), undoneCount),
    'unknown and unwound': pick((order) => order.state === 'REJECTED' && has(order, 'unknown'), undoneCount),
    'left lying and unwound': pick(wasLeft, undoneCount),
    recovered: best(cut, ({ state }) => (state === 'DELIVERED' ? 1 : 0)),
  };
}

/** Whether a crash of its node cut an attempt of this saga short. */
export function wasCutShort(journal: readonly JournalEntry[]): boolean {
  return journal.some(({ kind, details }) => kind === 'attempt-interrupted' && (details as { why?: string } | undefined)?.why !== 'stop');
}

/** The first of those that score highest. */
function best(orders: readonly OrderDetail[], score: (order: OrderDetail) => number): OrderDetail | undefined {
  const highest = Math.max(...orders.map(score));
  return orders.find((order) => score(order) === highest);
}

const nodesOf = ({ saga }: OrderDetail): readonly StepSummary[] => saga.steps.flatMap((step) => (step.items?.length ? step.items : [step]));
const doneCount = (order: OrderDetail): number => nodesOf(order).filter(({ status }) => status === 'succeeded').length;
/** Steps count, not their items: the saga that came further shows more. */
const undoneCount = ({ saga }: OrderDetail): number => saga.steps.filter((step) => [step, ...(step.items ?? [])].some(wasUndone)).length;
const wasUndone = ({ compensation }: StepSummary): boolean => compensation?.status === 'compensated';
const wasLeft = ({ reason }: OrderDetail): boolean => reason === 'APPROVAL_TIMED_OUT';
const has = (order: OrderDetail, status: string): boolean => nodesOf(order).some((node) => node.status === status);
