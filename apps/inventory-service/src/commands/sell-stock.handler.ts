import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { SellStock } from 'contracts';

import { Shelves } from '../stock/shelves.js';

@CommandHandler(SellStock)
export class SellStockHandler implements ICommandHandler<SellStock> {
  constructor(private readonly shelves: Shelves) {}

  execute({ orderId }: SellStock): Promise<void> {
    return this.shelves.sell(orderId);
  }
}
