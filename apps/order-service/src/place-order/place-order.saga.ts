import {
  AuthorizePayment,
  BookShipment,
  CancelShipment,
  CapturePayment,
  ReleaseStock,
  ReserveStock,
  SellStock,
  VoidAuthorization,
} from 'contracts';
import {
  AwaitEvent,
  AwaitSignal,
  Compensate,
  CompensationContext,
  SagaContext,
  SagaDefinition,
  SagaStep,
  SagaTransaction,
  StepRejected,
} from 'nestjs-sagas';

import { approval, type Decision } from '../approvals/approval.signal.js';
import { ApprovalLimit } from '../approvals/approval-limit.js';
import { APPROVAL_TIMEOUT } from '../config/environment.js';
import { OrderDelivered } from '../deliveries/order-delivered.event.js';
import { CustomerMail } from '../orders/customer-mail.js';
import { Order } from '../orders/order.entity.js';
import { undone } from '../orders/order-state.js';
import { type OrderLine, PlaceOrder } from './place-order.command.js';

type Context<Item = unknown> = SagaContext<PlaceOrder, PlaceOrderSaga, Item>;
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

  @SagaStep({ timeout: '10s' })
  bookShipment({ input }: Context) {
    return new BookShipment(input.orderId, input.destination);
  }

  @Compensate('bookShipment')
  cancelShipment({ input }: Undo) {
    return new CancelShipment(input.orderId);
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
    const { trackingId } = results.bookShipment;
    const approvedBy = results.awaitApproval?.by ?? null;
    await this.transaction.manager.update(Order, { orderId: input.orderId }, { state: 'APPROVED', captureId, trackingId, approvedBy });
  }

  @SagaStep()
  async notifyCustomer({ input, results, idempotencyKey }: Context): Promise<void> {
    await this.mail.sendApproval({
      idempotencyKey,
      to: input.customerId,
      orderId: input.orderId,
      trackingId: results.bookShipment.trackingId,
    });
  }

  /** Days may pass: a saga that waits takes no memory, and survives every deployment. */
  @AwaitEvent(OrderDelivered, { key: ({ orderId }) => orderId })
  awaitDelivery(_: Context, { at }: OrderDelivered): { at: Date } {
    return { at };
  }

  @SagaStep({ transactional: true })
  async closeOrder({ input, results }: Context): Promise<void> {
    const deliveredAt = results.awaitDelivery.at;
    await this.transaction.manager.update(Order, { orderId: input.orderId }, { state: 'DELIVERED', deliveredAt });
  }
}
