import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CancelShipment } from 'contracts';
import { SagaTransaction } from 'nestjs-sagas';

import { BookingRecord } from '../bookings/booking.entity.js';

@CommandHandler(CancelShipment)
export class CancelShipmentHandler implements ICommandHandler<CancelShipment> {
  constructor(private readonly transaction: SagaTransaction) {}

  async execute({ orderId, warehouse }: CancelShipment): Promise<void> {
    await this.transaction.manager.update(BookingRecord, { orderId, warehouse }, { state: 'cancelled' });
  }
}
