import { Command } from '@nestjs/cqrs';
import { SagaCommand } from 'nestjs-sagas';

export const INVENTORY = 'inventory';

/** What was put aside for one order line. */
export interface Reservation {
  /** Where the goods lie. */
  readonly warehouse: string;
}

/** Puts the goods of one order line aside. Refused with UNKNOWN_SKU or OUT_OF_STOCK. */
@SagaCommand({ name: 'inventory.reserve-stock', participant: INVENTORY })
export class ReserveStock extends Command<Reservation> {
  constructor(
    readonly orderId: string,
    /** 1-based number of the order's line: an order may name a sku twice. */
    readonly line: number,
    readonly sku: string,
    readonly quantity: number,
  ) {
    super();
  }
}

/** Puts the goods of one order line back on the shelf, if they were put aside. */
@SagaCommand({ name: 'inventory.release-stock', participant: INVENTORY })
export class ReleaseStock extends Command<void> {
  constructor(
    readonly orderId: string,
    readonly line: number,
  ) {
    super();
  }
}

/** All that was put aside for the order is sold now, and leaves the house. */
@SagaCommand({ name: 'inventory.sell-stock', participant: INVENTORY })
export class SellStock extends Command<void> {
  constructor(readonly orderId: string) {
    super();
  }
}
