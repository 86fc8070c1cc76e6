import { Injectable } from '@nestjs/common';
import type { ReserveStock, Reservation as PutAside } from 'contracts';
import { SagaTransaction, StepRejected } from 'nestjs-sagas';

import { Reservation } from './reservation.entity.js';
import { Stock } from './stock.entity.js';

/** The goods of the house: on the shelf, put aside for an order, or sold. Works in the transaction of the command. */
@Injectable()
export class Shelves {
  constructor(private readonly transaction: SagaTransaction) {}

  /** @throws StepRejected UNKNOWN_SKU, OUT_OF_STOCK */
  async reserve({ orderId, line, sku, quantity }: ReserveStock): Promise<PutAside> {
    const { manager } = this.transaction;
    // One statement looks and takes, so that two orders cannot both get the last one.
    const { affected } = await manager
      .createQueryBuilder()
      .update(Stock)
      .set({ available: () => 'available - :quantity', reserved: () => 'reserved + :quantity' })
      .where('sku = :sku and available >= :quantity', { sku, quantity })
      .execute();
    if (!affected) throw await this.shortage(sku);
    await manager.insert(Reservation, { orderId, line, sku, quantity, state: 'reserved' });
    const { warehouse } = await manager.findOneByOrFail(Stock, { sku });
    return { warehouse };
  }

  async release(orderId: string, line: number): Promise<void> {
    const { manager } = this.transaction;
    const reservation = await manager.findOneBy(Reservation, { orderId, line, state: 'reserved' });
    if (!reservation) return;
    await this.settle(reservation, 'released', 'available');
  }

  async sell(orderId: string): Promise<void> {
    // Every order locks the rows of its skus in the same order: otherwise two orders could wait for each other.
    const reservations = await this.transaction.manager.find(Reservation, {
      where: { orderId, state: 'reserved' },
      order: { sku: 'ASC', line: 'ASC' },
    });
    for (const reservation of reservations) await this.settle(reservation, 'sold', 'sold');
  }

  private async settle(
    { orderId, line, sku, quantity }: Reservation,
    state: 'released' | 'sold',
    goesTo: 'available' | 'sold',
  ): Promise<void> {
    const { manager } = this.transaction;
    await manager
      .createQueryBuilder()
      .update(Stock)
      .set({ reserved: () => 'reserved - :quantity', [goesTo]: () => `${goesTo} + :quantity` })
      .where('sku = :sku', { sku, quantity })
      .execute();
    await manager.update(Reservation, { orderId, line }, { state });
  }

  private async shortage(sku: string): Promise<StepRejected> {
    const known = await this.transaction.manager.existsBy(Stock, { sku });
    return known
      ? new StepRejected('OUT_OF_STOCK', `there is not enough of ${sku}`)
      : new StepRejected('UNKNOWN_SKU', `the catalogue has no ${sku}`);
  }
}
