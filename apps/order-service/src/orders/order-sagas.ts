import { Injectable, NotFoundException } from '@nestjs/common';
import { SagaClient, type SagaHandle } from 'nestjs-sagas';

import { PlaceOrderSaga } from '../place-order/place-order.saga.js';

/** The sagas of the orders, by the ids that their customers know. */
@Injectable()
export class OrderSagas {
  constructor(private readonly sagas: SagaClient) {}

  /** @throws NotFoundException */
  async of(orderId: string): Promise<SagaHandle<PlaceOrderSaga>> {
    const saga = await this.sagas.findByKey(PlaceOrderSaga, orderId);
    if (!saga) throw new NotFoundException(`there is no order ${orderId}`);
    return saga;
  }
}
