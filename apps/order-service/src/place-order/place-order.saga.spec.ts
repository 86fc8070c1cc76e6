import { CapturePayment, ReleaseStock, ReserveStock, VoidAuthorization } from 'contracts';
import { child, type CompensationContext, type SagaContext, type SagaTransaction, StepRejected } from 'nestjs-sagas';
import { compensationContext, stepContext } from 'nestjs-sagas/testing';

import { ApprovalLimit } from '../approvals/approval-limit.js';
import { CustomerMail } from '../orders/customer-mail.js';
import { DeliverParcelSaga } from '../parcels/deliver-parcel.saga.js';
import { ShipParcelSaga } from '../parcels/ship-parcel.saga.js';
import { type OrderLine, PlaceOrder } from './place-order.command.js';
import { PlaceOrderSaga } from './place-order.saga.js';

const line: OrderLine = { line: 1, sku: 'OAK-TABLE', quantity: 2, cents: 600 };
const input = new PlaceOrder({
  orderId: 'order-1',
  customerId: 'ann',
  card: '4242-4242-4242-4242',
  destination: 'Bern',
  lines: [line],
  cents: 1200,
});

const saga = new PlaceOrderSaga({} as SagaTransaction, new CustomerMail(), new ApprovalLimit(1000));

describe('the place-order saga asks its participants', () => {
  it('to put each line aside, and back', () => {
    const reserve = stepContext<SagaContext<PlaceOrder, PlaceOrderSaga, OrderLine>>({ input, item: line });
    const release = compensationContext<CompensationContext<PlaceOrder, PlaceOrderSaga, OrderLine>>({ input, item: line });
    expect(saga.reserveStock(reserve)).toEqual(new ReserveStock('order-1', 1, 'OAK-TABLE', 2));
    expect(saga.releaseStock(release)).toEqual(new ReleaseStock('order-1', 1));
  });

  it('to take the money that was authorized', () => {
    const context = stepContext<SagaContext<PlaceOrder, PlaceOrderSaga>>({
      input,
      results: { authorizePayment: { authorizationId: 'auth_1' } },
    });
    expect(saga.capturePayment(context)).toEqual(new CapturePayment('order-1', 'auth_1'));
  });

  it('to give up an authorization by order, for its id may be unknown', () => {
    expect(saga.voidAuthorization(compensationContext({ input, outcome: 'unknown' }))).toEqual(new VoidAuthorization('order-1'));
  });
});

describe('the parcels of the place-order saga', () => {
  it('are sagas of their own: one for each warehouse, and one for each delivery', () => {
    const north = { orderId: 'order-1', warehouse: 'north', destination: 'Bern' };
    expect(saga.shipParcels(stepContext({ input, item: 'north' }))).toEqual(child(ShipParcelSaga, north));
    const shipped = { bookCarrier: { trackingId: 'track_1' }, printLabel: undefined };
    expect(saga.deliverParcels(stepContext({ input, item: shipped }))).toEqual(child(DeliverParcelSaga, { trackingId: 'track_1' }));
  });
});

describe('a person who is asked by the place-order saga', () => {
  it('approves, and is remembered', () => {
    expect(saga.awaitApproval(stepContext({ input }), { approved: true, by: 'eve' })).toEqual({ by: 'eve' });
  });

  it('declines, and the order is refused', () => {
    const decline = () => saga.awaitApproval(stepContext({ input }), { approved: false, by: 'eve', reason: 'too much' });
    expect(decline).toThrow(new StepRejected('ORDER_DECLINED', 'eve: too much'));
  });
});
