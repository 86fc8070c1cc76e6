import { Command } from '@nestjs/cqrs';
import { SagaCommand } from 'nestjs-sagas';

export const SHIPPING = 'shipping';

export interface Booking {
  readonly trackingId: string;
}

/** Books a carrier for the parcel that an order has in one warehouse. Refused with NO_CARRIER. */
@SagaCommand({ name: 'shipping.book', participant: SHIPPING })
export class BookShipment extends Command<Booking> {
  constructor(
    readonly orderId: string,
    readonly warehouse: string,
    readonly destination: string,
  ) {
    super();
  }
}

/** Sends the carrier away again, if one was booked. */
@SagaCommand({ name: 'shipping.cancel', participant: SHIPPING })
export class CancelShipment extends Command<void> {
  constructor(
    readonly orderId: string,
    readonly warehouse: string,
  ) {
    super();
  }
}

/** Prints the label that the parcel travels with. */
@SagaCommand({ name: 'shipping.print-label', participant: SHIPPING })
export class PrintLabel extends Command<void> {
  constructor(
    readonly orderId: string,
    readonly warehouse: string,
  ) {
    super();
  }
}

/** Tears the label up, if one was printed. */
@SagaCommand({ name: 'shipping.void-label', participant: SHIPPING })
export class VoidLabel extends Command<void> {
  constructor(
    readonly orderId: string,
    readonly warehouse: string,
  ) {
    super();
  }
}
