import { decisionsOf } from './decisions.js';
import type { OrderDetail } from './order-api.js';
import type { FiledOrder } from './orders-file.js';

type Wishes = Pick<FiledOrder, 'decline' | 'unattended'>;

function run(...orders: readonly (readonly [orderId: string, status: string, reason: string | null, wishes?: Wishes])[]) {
  const ended = orders.map(([orderId, status, reason]): [string, OrderDetail] => {
    const step = { step: 'awaitApproval', status, attempts: 0, compensation: null };
    return [
      orderId,
      { orderId, state: 'DELIVERED', reason, trackingIds: null, saga: { id: orderId, status: '', failure: null, steps: [step] } },
    ];
  });
  const accepted = orders.map(([orderId, , , wishes]): [string, FiledOrder] => {
    return [orderId, { lineNumber: 1, order: { orderId, customerId: '', card: '', destination: '', lines: [] }, ...wishes }];
  });
  return decisionsOf({ ended: new Map(ended), accepted: new Map(accepted) });
}

describe('the decisions of a run', () => {
  it('count the orders that were asked for', () => {
    expect(
      run(
        ['approved', 'succeeded', null],
        ['declined', 'failed', 'ORDER_DECLINED', { decline: 'too much' }],
        ['left', 'failed', 'APPROVAL_TIMED_OUT', { unattended: true }],
        ['below', 'skipped', null],
        ['cancelled', 'skipped', 'changed my mind'],
      ),
    ).toEqual({ approved: 1, declined: 1, timedOut: 1, wrong: [] });
  });

  it('name those that ended otherwise than their lines say', () => {
    const { wrong } = run(
      ['late', 'failed', 'APPROVAL_TIMED_OUT'],
      ['lost', 'succeeded', null, { decline: 'too much' }],
      ['forged', 'succeeded', null, { unattended: true }],
    );
    expect(wrong).toEqual(['late', 'lost', 'forged']);
  });
});
