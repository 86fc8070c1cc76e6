import type { Kind, Order } from '../workload/order.js';
import { bookShipment, chargeCard, refundCard, REFUSAL, releaseStock, reserveStock } from '../workload/steps.js';
import type { Status } from './bare-tables.js';

/** How the steps of one saga are made durable: each call resolves when its write is committed. */
export interface Checkpoints {
  start(id: string, order: Order): Promise<void>;
  enter(id: string, sequence: number, entry: Entry): Promise<void>;
  end(id: string, status: Status): Promise<void>;
}

interface Entry {
  readonly step: string;
  readonly result?: unknown;
  readonly refusal?: string;
  readonly undone?: true;
}

/** The order saga with nothing around it. */
export async function runBare(checkpoints: Checkpoints, order: Order): Promise<Kind> {
  const id = order.orderId;
  await checkpoints.start(id, order);
  const reservation = await reserveStock(order);
  await checkpoints.enter(id, 1, { step: 'reserveStock', result: reservation });
  const charge = await chargeCard(order);
  await checkpoints.enter(id, 2, { step: 'chargeCard', result: charge });
  const shipment = await bookShipment(order);
  if (shipment) {
    await checkpoints.enter(id, 3, { step: 'bookShipment', result: shipment });
    await checkpoints.end(id, 'completed');
    return 'happy';
  }
  await checkpoints.enter(id, 3, { step: 'bookShipment', refusal: REFUSAL });
  await refundCard(charge);
  await checkpoints.enter(id, 4, { step: 'chargeCard', undone: true });
  await releaseStock(reservation);
  await checkpoints.enter(id, 5, { step: 'reserveStock', undone: true });
  await checkpoints.end(id, 'compensated');
  return 'compensate';
}
