import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { SagaClient } from 'nestjs-sagas';
import { Repository } from 'typeorm';

import { Order } from '../orders/order.entity.js';
import { OrderSagas } from '../orders/order-sagas.js';
import { approval, type Decision, decisionIn, waitsForApproval } from './approval.signal.js';

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

  /**
   * The first decision counts, and may be said again.
   *
   * @throws ConflictException where the order was decided otherwise, or does not wait for a decision
   */
  async decide(orderId: string, decision: Decision) {
    const saga = await this.orderSagas.of(orderId);
    if (waitsForApproval(await saga.view())) await saga.signal(approval, decision, { dedupeId: orderId });
    const made = decisionIn(await saga.journal());
    if (!made)
      throw new ConflictException(`order ${orderId} does not wait for approval: it needs none, is not that far yet, or waits no longer`);
    if (made.approved !== decision.approved || made.by !== decision.by)
      throw new ConflictException(`order ${orderId} was ${made.approved ? 'approved' : 'declined'} by ${made.by} before`);
    return { orderId, approved: made.approved };
  }
}
