import { Command } from '@nestjs/cqrs';
import { SagaCommand } from 'nestjs-sagas';

export const SHIPPING = 'shipping';

export interface Booking {
  readonly trackingId: string;
}

/** Books a carrier for the order's parcel. Refused with NO_CARRIER. */
@SagaCommand({ name: 'shipping.book', participant: SHIPPING })
export class BookShipment extends Command<Booking> {
  constructor(
    readonly orderId: string,
    readonly destination: string,
  ) {
    super();
  }
}

/** Sends the carrier away again, if one was booked. */
@SagaCommand({ name: 'shipping.cancel', participant: SHIPPING })
export class CancelShipment extends Command<void> {
  constructor(readonly orderId: string) {
    super();
  }
}
