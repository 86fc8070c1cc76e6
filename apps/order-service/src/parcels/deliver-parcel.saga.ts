import { AwaitEvent, SagaContext, SagaDefinition } from 'nestjs-sagas';

import { ParcelDelivered } from './parcel-delivered.event.js';

interface Parcel {
  readonly trackingId: string;
}

/** A parcel on its way. Days may pass: a saga that waits takes no memory, and survives every deployment. */
@SagaDefinition({ name: 'deliver-parcel', key: ({ trackingId }: Parcel) => trackingId })
export class DeliverParcelSaga {
  @AwaitEvent(ParcelDelivered, { key: ({ trackingId }) => trackingId })
  awaitDelivery(_: SagaContext<Parcel>, { at }: ParcelDelivered): { at: Date } {
    return { at };
  }
}
