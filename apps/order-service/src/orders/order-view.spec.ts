import type { SagaFailure, SagaView } from 'nestjs-sagas';

import { PlaceOrder } from '../place-order/place-order.command.js';
import { unrecordedOrder } from './order-view.js';

const order = new PlaceOrder({
  orderId: 'order-1',
  customerId: 'ann',
  card: '4242-4242-4242-4242',
  destination: 'Bern',
  lines: [{ line: 1, sku: 'OAK-TABLE', quantity: 2, cents: 600 }],
  cents: 1200,
});

const sagaOf = (ended: Partial<Pick<SagaView, 'status' | 'failure'>>): SagaView => ({
  id: '0198c0de-0000-7000-8000-000000000000',
  name: 'place-order',
  version: 1,
  key: order.orderId,
  status: 'pending',
  paused: false,
  input: order,
  metadata: {},
  failure: null,
  waitingFor: null,
  steps: [],
  startedAt: new Date(0),
  endedAt: null,
  ...ended,
});

const failure = (kind: SagaFailure['kind'], message: string): SagaFailure => ({ kind, message });

describe('an order that its saga has not recorded', () => {
  it('is pending', () => {
    expect(unrecordedOrder(sagaOf({}))).toMatchObject({
      orderId: 'order-1',
      state: 'PENDING',
      reason: null,
      cents: 1200,
      lines: order.lines,
    });
  });

  it('stays unrecorded where it was cancelled before the first step, and says so', () => {
    const cancelled = sagaOf({ status: 'compensated', failure: failure('cancelled', 'changed my mind') });
    expect(unrecordedOrder(cancelled)).toMatchObject({ state: 'CANCELLED', reason: 'changed my mind' });
  });

  it('was left lying where nobody approved it in time', () => {
    const left = { ...failure('timed-out', 'no signal approval came within 86400000ms'), code: 'SAGA_WAIT_TIMED_OUT' };
    expect(unrecordedOrder(sagaOf({ status: 'compensated', failure: left }))).toMatchObject({
      state: 'REJECTED',
      reason: 'APPROVAL_TIMED_OUT',
    });
  });

  it('was too late where the deadline came first', () => {
    const late = sagaOf({ status: 'compensated', failure: failure('timed-out', 'the deadline passed') });
    expect(unrecordedOrder(late)).toMatchObject({ state: 'REJECTED', reason: 'the deadline passed' });
  });
});
