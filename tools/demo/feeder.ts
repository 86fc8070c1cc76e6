import type { OrderApi } from './order-api.js';
import type { FiledOrder } from './orders-file.js';
import { sideBySide } from './side-by-side.js';
import type { Tally } from './tally.js';

// Enough to keep the service busy, and few enough that the kill finds some orders still to be fed.
const LANES = 6;

/** Places the orders, in the order of the file, and cancels those that say so as soon as they are accepted. */
export async function feed(orders: readonly FiledOrder[], api: OrderApi, tally: Tally): Promise<void> {
  await sideBySide(orders, LANES, (filed) => place(filed, api, tally));
  tally.fed = true;
}

async function place(filed: FiledOrder, api: OrderApi, tally: Tally): Promise<void> {
  const { order, cancel, lineNumber } = filed;
  const placed = await api.place(order);
  if (!placed.accepted) {
    tally.refused.push({ lineNumber, reason: placed.reason });
    return;
  }
  if (tally.accepted.has(order.orderId)) tally.repeated += 1;
  else tally.accepted.set(order.orderId, filed);
  if (cancel === undefined) return;
  tally.cancelsAsked += 1;
  const { accepted } = await api.cancel(order.orderId, cancel);
  if (accepted) tally.cancelsAccepted += 1;
}
