import type { JournalEntry, SagaView } from 'nestjs-sagas';

import type { PlaceOrder } from '../place-order/place-order.command.js';
import type { Order } from './order.entity.js';
import { undone } from './order-state.js';

type OrderFacts = Pick<Order, 'orderId' | 'state' | 'reason' | 'cents' | 'captureId' | 'trackingId' | 'lines'>;

/** An order with the saga that sees to it. */
export function orderView(order: OrderFacts, { id, status, failure, steps }: SagaView) {
  const { orderId, state, reason, cents, captureId, trackingId, lines } = order;
  return { orderId, state, reason, cents, captureId, trackingId, lines, saga: { id, status, failure, steps } };
}

/** Before its first step has run, and for good where it was cancelled before that, an order is its saga's input alone. */
export function unrecordedOrder({ input, failure, status }: SagaView): OrderFacts {
  const { orderId, cents, lines } = input as PlaceOrder;
  const pending = { orderId, state: 'PENDING', reason: null, cents, captureId: null, trackingId: null, lines } as const;
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
