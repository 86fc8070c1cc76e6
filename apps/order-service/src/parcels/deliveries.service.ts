import { Injectable, NotFoundException } from '@nestjs/common';
import { EventBus } from '@nestjs/cqrs';
import { SagaClient } from 'nestjs-sagas';

import { DeliverParcelSaga } from './deliver-parcel.saga.js';
import type { DeliveryDto } from './delivery.dto.js';
import { ParcelDelivered } from './parcel-delivered.event.js';

@Injectable()
export class DeliveriesService {
  constructor(
    private readonly sagas: SagaClient,
    private readonly events: EventBus,
  ) {}

  /** Tells the parcel's saga, which takes what comes first. @throws NotFoundException where no such parcel is on its way */
  async report({ trackingId, at }: DeliveryDto) {
    const saga = await this.sagas.findByKey(DeliverParcelSaga, trackingId);
    if (!saga) throw new NotFoundException(`no parcel ${trackingId} is on its way`);
    const { status } = await saga.view();
    const delivered = status === 'completed';
    if (!delivered) this.events.publish(new ParcelDelivered(trackingId, at));
    return { trackingId, delivered };
  }
}
