import { setTimeout as delay } from 'node:timers/promises';
import type { OrderApi } from './order-api.js';
import { sideBySide } from './side-by-side.js';
import type { Tally } from './tally.js';

export interface DeskOptions {
  readonly api: OrderApi;
  readonly tally: Tally;
  readonly signal: AbortSignal;
}

const NAME = 'the demo';
const LOOK_EVERY_MS = 500;
const DECIDED_AT_ONCE = 2;

/** Stands for the person at the desk: decides on the orders above the limit, as their lines say, until all orders have ended. */
export async function decideOrders({ api, tally, signal }: DeskOptions): Promise<void> {
  while (!tally.settled) {
    const filed = (await api.waitingForApproval()).flatMap((orderId) => tally.accepted.get(orderId) ?? []);
    const attended = filed.filter(({ unattended }) => !unattended);
    await sideBySide(attended, DECIDED_AT_ONCE, ({ order, decline }) => api.decide(order.orderId, { by: NAME, decline }));
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}
