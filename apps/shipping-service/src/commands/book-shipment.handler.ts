import { randomUUID } from 'node:crypto';

import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Booking, BookShipment } from 'contracts';
import { SagaTransaction } from 'nestjs-sagas';

import { BookingRecord } from '../bookings/booking.entity.js';
import { Carriers } from '../carriers/carriers.js';

@CommandHandler(BookShipment)
export class BookShipmentHandler implements ICommandHandler<BookShipment> {
  constructor(
    private readonly carriers: Carriers,
    private readonly transaction: SagaTransaction,
  ) {}

  async execute({ orderId, warehouse, destination }: BookShipment): Promise<Booking> {
    const { carrier } = this.carriers.find(`${orderId} from ${warehouse}`, destination);
    const trackingId = `track_${randomUUID()}`;
    await this.transaction.manager.insert(BookingRecord, { trackingId, orderId, warehouse, destination, carrier, state: 'booked' });
    return { trackingId };
  }
}
