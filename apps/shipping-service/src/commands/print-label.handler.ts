import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { PrintLabel } from 'contracts';
import { SagaTransaction } from 'nestjs-sagas';

import { BookingRecord } from '../bookings/booking.entity.js';

@CommandHandler(PrintLabel)
export class PrintLabelHandler implements ICommandHandler<PrintLabel> {
  constructor(private readonly transaction: SagaTransaction) {}

  async execute({ orderId, warehouse }: PrintLabel): Promise<void> {
    await this.transaction.manager.update(BookingRecord, { orderId, warehouse }, { labelled: true });
  }
}
