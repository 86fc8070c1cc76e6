import { AuthorizePayment, CapturePayment, ReleaseStock, type Reservation, ReserveStock, SellStock, VoidAuthorization } from 'contracts';
import {
  AwaitSignal,
  child,
  Compensate,
  CompensationContext,
  SagaContext,
  SagaDefinition,
  SagaStep,
  SagaTransaction,
  StepRejected,
  type StepResults,
} from 'nestjs-sagas';

import { approval, type Decision } from '../approvals/approval.signal.js';
import { ApprovalLimit } from '../approvals/approval-limit.js';
import { APPROVAL_TIMEOUT } from '../config/environment.js';
import { CustomerMail } from '../orders/customer-mail.js';
import { Order } from '../orders/order.entity.js';
import { undone } from '../orders/order-state.js';
import { DeliverParcelSaga } from '../parcels/deliver-parcel.saga.js';
import { ShipParcelSaga } from '../parcels/ship-parcel.saga.js';
import { type OrderLine, PlaceOrder } from './place-order.command.js';

type Context<Item = unknown> = SagaContext<PlaceOrder, PlaceOrderSaga, Item>;
type Shipped = StepResults<ShipParcelSaga>;
type Undo<Item = unknown> = CompensationContext<PlaceOrder, PlaceOrderSaga, Item>;

/**
 * An order, from the click to the parcel at the door. Each step stands above its compensation; what has none needs none. One that
 * takes a week raises an alert: where is the parcel?
 */
@SagaDefinition({ name: 'place-order', startedBy: PlaceOrder, key: (order) => order.orderId, timeout: '7d' })
export class PlaceOrderSaga {
  constructor(
    private readonly transaction: SagaTransaction,
    private readonly mail: CustomerMail,
    private readonly approvalLimit: ApprovalLimit,
  ) {}

  @SagaStep({ transactional: true })
  async createOrder({ input, sagaId }: Context): Promise<{ needsApproval: boolean }> {
    const { orderId, customerId, destination, lines, cents } = input;
    const needsApproval = cents > this.approvalLimit.cents;
    const order = { orderId, sagaId, customerId, destination, lines, cents, needsApproval };
    await this.transaction.manager.insert(Order, { ...order, state: 'PENDING' });
    return { needsApproval };
  }

  @Compensate('createOrder')
  async rejectOrder({ input, reason }: Undo): Promise<void> {
    await this.transaction.manager.update(Order, { orderId: input.orderId }, undone(reason));
  }

  @SagaStep({ each: ({ input }: Context) => input.lines })
  reserveStock({ input, item }: Context<OrderLine>) {
    return new ReserveStock(input.orderId, item.line, item.sku, item.quantity);
  }

  @Compensate('reserveStock')
  releaseStock({ input, item }: Undo<OrderLine>) {
    return new ReleaseStock(input.orderId, item.line);
  }

  /** A person decides while the goods are put aside, and no money is held yet. Where nobody does in time, the order is undone. */
  @AwaitSignal(approval, { when: ({ results }: Context) => results.createOrder.needsApproval, timeout: APPROVAL_TIMEOUT })
  awaitApproval(_: Context, decision: Decision): { by: string } | undefined {
    if (!decision.approved) throw new StepRejected('ORDER_DECLINED', `${decision.by}: ${decision.reason}`);
    return { by: decision.by };
  }

  @SagaStep({ timeout: '10s', retry: { attempts: 3, delay: '200ms' } })
  authorizePayment({ input }: Context) {
    return new AuthorizePayment(input.orderId, input.customerId, input.card, input.cents);
  }

  @Compensate('authorizePayment')
  voidAuthorization({ input }: Undo) {
    return new VoidAuthorization(input.orderId);
  }

  /** Each warehouse sends a parcel. A parcel is a saga of its own, which undoes itself: as a whole, where the order is undone. */
  @SagaStep({ kind: 'child', each: ({ results }: Context) => warehousesOf(results.reserveStock) })
  shipParcels({ input, item }: Context<string>) {
    return child(ShipParcelSaga, { orderId: input.orderId, warehouse: item, destination: input.destination });
  }

  /** The point of no return: from here on the order is only ever finished. */
  @SagaStep({ kind: 'pivot' })
  capturePayment({ input, results }: Context) {
    return new CapturePayment(input.orderId, results.authorizePayment.authorizationId);
  }

  @SagaStep()
  sellStock({ input }: Context) {
    return new SellStock(input.orderId);
  }

  @SagaStep({ transactional: true })
  async approveOrder({ input, results }: Context): Promise<void> {
    const { captureId } = results.capturePayment;
    const trackingIds = results.shipParcels.map(trackingIdOf);
    const approvedBy = results.awaitApproval?.by ?? null;
    await this.transaction.manager.update(Order, { orderId: input.orderId }, { state: 'APPROVED', captureId, trackingIds, approvedBy });
  }

  @SagaStep()
  async notifyCustomer({ input, results, idempotencyKey }: Context): Promise<void> {
    await this.mail.sendApproval({
      idempotencyKey,
      to: input.customerId,
      orderId: input.orderId,
      trackingIds: results.shipParcels.map(trackingIdOf),
    });
  }

  @SagaStep({ kind: 'child', each: ({ results }: Context) => results.shipParcels })
  deliverParcels({ item }: Context<Shipped>) {
    return child(DeliverParcelSaga, { trackingId: trackingIdOf(item) });
  }

  @SagaStep({ transactional: true })
  async closeOrder({ input, results }: Context): Promise<void> {
    const deliveredAt = latest(results.deliverParcels.map(({ awaitDelivery }) => awaitDelivery.at));
    await this.transaction.manager.update(Order, { orderId: input.orderId }, { state: 'DELIVERED', deliveredAt });
  }
}

const warehousesOf = (reservations: readonly Reservation[]) => [...new Set(reservations.map(({ warehouse }) => warehouse))];
const trackingIdOf = ({ bookCarrier }: Shipped) => bookCarrier.trackingId;
const latest = (dates: readonly Date[]) => new Date(Math.max(...dates.map(Number)));
