import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ReserveStock } from 'contracts';

import { Shelves } from '../stock/shelves.js';

@CommandHandler(ReserveStock)
export class ReserveStockHandler implements ICommandHandler<ReserveStock> {
  constructor(private readonly shelves: Shelves) {}

  execute(command: ReserveStock): Promise<void> {
    return this.shelves.reserve(command);
  }
}
