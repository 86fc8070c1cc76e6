import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { SagaClient, SagaConflictError } from 'nestjs-sagas';
import { Repository } from 'typeorm';

import { PlaceOrder } from '../place-order/place-order.command.js';
import { PlaceOrderSaga } from '../place-order/place-order.saga.js';
import { Order } from './order.entity.js';
import { OrderSagas } from './order-sagas.js';
import { journalView, orderView, unrecordedOrder } from './order-view.js';
import type { OrdersQueryDto } from './orders-query.dto.js';

@Injectable()
export class OrdersService {
  constructor(
    private readonly sagas: SagaClient,
    private readonly orderSagas: OrderSagas,
    @InjectRepository(Order) private readonly orders: Repository<Order>,
  ) {}

  /** The same order twice is one order. @throws ConflictException where the id stands for another order */
  async place(order: PlaceOrder) {
    try {
      const { id, created } = await this.sagas.start(PlaceOrderSaga, order);
      return { orderId: order.orderId, sagaId: id, created };
    } catch (error) {
      if (error instanceof SagaConflictError) throw new ConflictException(`order ${order.orderId} was placed before, with other content`);
      throw error;
    }
  }

  async get(orderId: string) {
    const saga = await this.orderSagas.of(orderId);
    // The saga first: its last step may write the order in between, and an order that lags behind its saga would confuse.
    const view = await saga.view();
    const order = await this.orders.findOneBy({ orderId });
    return orderView(order ?? unrecordedOrder(view), view);
  }

  async journal(orderId: string) {
    const saga = await this.orderSagas.of(orderId);
    return journalView(await saga.journal());
  }

  /** Newest first. An order that was cancelled before its first step was never recorded, and is found by its id alone. */
  async list({ state, limit }: OrdersQueryDto) {
    const items = await this.orders.find({
      select: { orderId: true, state: true, reason: true, trackingIds: true },
      where: state ? { state } : {},
      order: { placedAt: 'DESC' },
      take: limit,
    });
    return { items };
  }

  /** @throws ConflictException once the money is being taken, or the order has ended */
  async cancel(orderId: string, reason: string) {
    const saga = await this.orderSagas.of(orderId);
    const { accepted } = await saga.cancel(reason);
    if (!accepted)
      throw new ConflictException({
        accepted,
        message: `order ${orderId} can no longer be cancelled: its payment is being captured, or it has ended`,
      });
    return { accepted };
  }
}
