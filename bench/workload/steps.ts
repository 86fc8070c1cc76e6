import { isOutOfReach, type Order } from './order.js';

// The steps, the same for every program. They do no I/O: what is measured is what makes them durable. Each result is some 60 bytes of JSON.

export interface Reservation {
  readonly reservationId: string;
  readonly at: string;
}

export interface Charge {
  readonly chargeId: string;
  readonly cents: number;
}

export interface Shipment {
  readonly trackingId: string;
  readonly carrier: string;
}

/** Why the third step of a saga that is to be compensated fails. */
export const REFUSAL = 'No carrier goes there';

export async function reserveStock({ orderId }: Order): Promise<Reservation> {
  return { reservationId: orderId, at: 'W1' };
}

export async function chargeCard({ orderId, cents }: Order): Promise<Charge> {
  return { chargeId: orderId, cents };
}

/** Gives nothing where the order is refused: each program says so in its own way. */
export async function bookShipment(order: Order): Promise<Shipment | undefined> {
  return isOutOfReach(order) ? undefined : { trackingId: order.orderId, carrier: 'C7' };
}

export async function refundCard(_: Charge): Promise<void> {}

export async function releaseStock(_: Reservation): Promise<void> {}
