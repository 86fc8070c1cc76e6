import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Reservation, ReserveStock } from 'contracts';

import { Shelves } from '../stock/shelves.js';

@CommandHandler(ReserveStock)
export class ReserveStockHandler implements ICommandHandler<ReserveStock> {
  constructor(private readonly shelves: Shelves) {}

  execute(command: ReserveStock): Promise<Reservation> {
    return this.shelves.reserve(command);
  }
}
