import { BookShipment, CancelShipment, PrintLabel, VoidLabel } from 'contracts';
import { Compensate, CompensationContext, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

interface Parcel {
  readonly orderId: string;
  /** Where it lies. */
  readonly warehouse: string;
  readonly destination: string;
}

/** What an order has in one warehouse, ready for the carrier. */
@SagaDefinition({ name: 'ship-parcel' })
export class ShipParcelSaga {
  @SagaStep({ timeout: '10s' })
  bookCarrier({ input }: SagaContext<Parcel>) {
    return new BookShipment(input.orderId, input.warehouse, input.destination);
  }

  @Compensate('bookCarrier')
  cancelCarrier({ input }: CompensationContext<Parcel>) {
    return new CancelShipment(input.orderId, input.warehouse);
  }

  @SagaStep()
  printLabel({ input }: SagaContext<Parcel>) {
    return new PrintLabel(input.orderId, input.warehouse);
  }

  @Compensate('printLabel')
  voidLabel({ input }: CompensationContext<Parcel>) {
    return new VoidLabel(input.orderId, input.warehouse);
  }
}
