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
import { Compensate, CompensationContext, SagaContext, SagaDefinition, SagaStep, SagaTransaction } from 'nestjs-sagas';

import { CustomerMail } from '../orders/customer-mail.js';
import { Order } from '../orders/order.entity.js';
import { undone } from '../orders/order-state.js';
import { type OrderLine, PlaceOrder } from './place-order.command.js';

type Context<Item = unknown> = SagaContext<PlaceOrder, PlaceOrderSaga, Item>;
type Undo<Item = unknown> = CompensationContext<PlaceOrder, PlaceOrderSaga, Item>;

/** An order, from the click to the mail. Each step stands above its compensation; what has none needs none. */
@SagaDefinition({ name: 'place-order', startedBy: PlaceOrder, key: (order) => order.orderId, timeout: '15m' })
export class PlaceOrderSaga {
  constructor(
    private readonly transaction: SagaTransaction,
    private readonly mail: CustomerMail,
  ) {}

  @SagaStep({ transactional: true })
  async createOrder({ input, sagaId }: Context): Promise<void> {
    const { orderId, customerId, destination, lines, cents } = input;
    await this.transaction.manager.insert(Order, { orderId, sagaId, customerId, destination, lines, cents, state: 'PENDING' });
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
    await this.transaction.manager.update(Order, { orderId: input.orderId }, { state: 'APPROVED', captureId, trackingId });
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
}
