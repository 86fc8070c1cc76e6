import { Compensate, CompensationContext, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';
import type { Order } from '../workload/order.js';
import {
  bookShipment,
  chargeCard,
  refundCard,
  REFUSAL,
  releaseStock,
  reserveStock,
  type Charge,
  type Reservation,
  type Shipment,
} from '../workload/steps.js';

type Context = SagaContext<Order>;
type Undo = CompensationContext<Order>;

/** The order saga, as a user of the library writes it. */
@SagaDefinition({ name: 'order' })
export class OrderSaga {
  @SagaStep()
  async reserveStock({ input }: Context): Promise<Reservation> {
    return reserveStock(input);
  }

  @Compensate('reserveStock')
  async releaseStock(_: Undo, reservation?: Reservation): Promise<void> {
    if (reservation) await releaseStock(reservation);
  }

  @SagaStep()
  async chargeCard({ input }: Context): Promise<Charge> {
    return chargeCard(input);
  }

  @Compensate('chargeCard')
  async refundCard(_: Undo, charge?: Charge): Promise<void> {
    if (charge) await refundCard(charge);
  }

  @SagaStep({ kind: 'readonly' })
  async bookShipment({ input }: Context): Promise<Shipment> {
    const shipment = await bookShipment(input);
    if (!shipment) throw new StepRejected('OUT_OF_REACH', REFUSAL);
    return shipment;
  }
}
