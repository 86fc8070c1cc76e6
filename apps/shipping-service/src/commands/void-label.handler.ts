import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { VoidLabel } from 'contracts';
import { SagaTransaction } from 'nestjs-sagas';

import { BookingRecord } from '../bookings/booking.entity.js';

@CommandHandler(VoidLabel)
export class VoidLabelHandler implements ICommandHandler<VoidLabel> {
  constructor(private readonly transaction: SagaTransaction) {}

  async execute({ orderId, warehouse }: VoidLabel): Promise<void> {
    await this.transaction.manager.update(BookingRecord, { orderId, warehouse }, { labelled: false });
  }
}
