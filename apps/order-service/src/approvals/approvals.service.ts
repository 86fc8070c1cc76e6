import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { SagaClient } from 'nestjs-sagas';
import { Repository } from 'typeorm';

import { Order } from '../orders/order.entity.js';
import { OrderSagas } from '../orders/order-sagas.js';
import { approval, type Decision, waitsForApproval } from './approval.signal.js';

const LISTED = 100;

@Injectable()
export class ApprovalsService {
  constructor(
    private readonly sagas: SagaClient,
    private readonly orderSagas: OrderSagas,
    @InjectRepository(Order) private readonly orders: Repository<Order>,
  ) {}

  /** The orders that wait for a person, and until when. The oldest first. */
  async list() {
    const dear = await this.orders.find({ where: { needsApproval: true, state: 'PENDING' }, order: { placedAt: 'ASC' }, take: LISTED });
    const asked = dear.map(async (order) => ({ order, saga: await this.sagas.get(order.sagaId).view() }));
    const items = (await Promise.all(asked))
      .filter(({ saga }) => waitsForApproval(saga))
      .map(({ order: { orderId, customerId, cents, placedAt }, saga }) => {
        return { orderId, customerId, cents, placedAt, until: saga.waitingFor?.until };
      });
    return { items };
  }

  /** Of two decisions at the same time the first counts. @throws ConflictException where the order waits for none */
  async decide(orderId: string, decision: Decision) {
    const saga = await this.orderSagas.of(orderId);
    if (!waitsForApproval(await saga.view()))
      throw new ConflictException(`order ${orderId} does not wait for approval: it needs none, is not that far yet, or was decided`);
    await saga.signal(approval, decision, { dedupeId: orderId });
    return { orderId, approved: decision.approved };
  }
}
