import { ConflictException, Injectable } from '@nestjs/common';
import { EventBus } from '@nestjs/cqrs';
import type { Booking } from 'contracts';
import type { SagaView } from 'nestjs-sagas';

import { OrderSagas } from '../orders/order-sagas.js';
import type { DeliveryDto } from './delivery.dto.js';
import { OrderDelivered } from './order-delivered.event.js';

@Injectable()
export class DeliveriesService {
  constructor(
    private readonly orderSagas: OrderSagas,
    private readonly events: EventBus,
  ) {}

  /**
   * Tells the order's saga. One that does not wait yet finds the event when it does, and one that is told twice takes the first.
   *
   * @throws ConflictException where no such parcel is under way for the order
   */
  async report({ orderId, trackingId, at }: DeliveryDto) {
    const saga = await this.orderSagas.of(orderId);
    const view = await saga.view();
    if (parcelOf(view) !== trackingId) throw new ConflictException(`order ${orderId} has no parcel ${trackingId} under way`);
    const closed = view.status === 'completed';
    if (!closed) this.events.publish(new OrderDelivered(orderId, at));
    return { orderId, closed };
  }
}

/** A parcel of an order that is being undone was sent away again. */
function parcelOf({ steps }: SagaView): string | undefined {
  const booked = steps.find(({ step }) => step === 'bookShipment');
  return booked?.status === 'succeeded' && booked.compensation === null ? (booked.result as Booking).trackingId : undefined;
}
