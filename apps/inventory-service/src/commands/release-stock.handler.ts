import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ReleaseStock } from 'contracts';

import { Shelves } from '../stock/shelves.js';

@CommandHandler(ReleaseStock)
export class ReleaseStockHandler implements ICommandHandler<ReleaseStock> {
  constructor(private readonly shelves: Shelves) {}

  execute({ orderId, line }: ReleaseStock): Promise<void> {
    return this.shelves.release(orderId, line);
  }
}
