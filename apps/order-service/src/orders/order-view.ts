import type { JournalEntry, SagaView } from 'nestjs-sagas';

import type { PlaceOrder } from '../place-order/place-order.command.js';
import type { Order } from './order.entity.js';
import { undone } from './order-state.js';

type OrderFacts = Pick<
  Order,
  'orderId' | 'state' | 'reason' | 'cents' | 'approvedBy' | 'captureId' | 'trackingIds' | 'deliveredAt' | 'lines'
>;

/** An order with the saga that sees to it, and what that waits for: a person, or the parcel's delivery. */
export function orderView(order: OrderFacts, { id, status, waitingFor, failure, steps }: SagaView) {
  const { orderId, state, reason, cents, approvedBy, captureId, trackingIds, deliveredAt, lines } = order;
  const saga = { id, status, waitingFor, failure, steps };
  return { orderId, state, reason, cents, approvedBy, captureId, trackingIds, deliveredAt, lines, saga };
}

/** Before its first step has run, and for good where it was cancelled before that, an order is its saga's input alone. */
export function unrecordedOrder({ input, failure, status }: SagaView): OrderFacts {
  const { orderId, cents, lines } = input as PlaceOrder;
  const nothingYet = { reason: null, approvedBy: null, captureId: null, trackingIds: null, deliveredAt: null };
  const pending = { orderId, state: 'PENDING', cents, lines, ...nothingYet } as const;
  return status === 'compensated' && failure ? { ...pending, ...undone(failure) } : pending;
}

export const journalView = (entries: readonly JournalEntry[]) =>
  entries.map(({ sequence, at, kind, step, item, direction, attempt, details }) => ({
    sequence,
    at,
    kind,
    step,
    item,
    direction,
    attempt,
    details,
  }));
