import { pickExamples, wasCutShort } from './examples.js';
import type { OrderDetail, OrderState, StepSummary } from './order-api.js';

function order(orderId: string, state: OrderState, ...steps: readonly StepSummary[]): OrderDetail {
  return { orderId, state, reason: null, trackingIds: null, saga: { id: orderId, status: 'completed', failure: null, steps } };
}

function node(status: string, undone = false): StepSummary {
  return { step: 's', status, attempts: 1, compensation: undone ? { status: 'compensated', attempts: 1 } : null };
}

const idsOf = (examples: ReturnType<typeof pickExamples>) => Object.values(examples).map((example) => example?.orderId);

describe('the examples of a run', () => {
  it('are one of each kind, the one that shows most', () => {
    const orders = [
      order('done', 'DELIVERED', node('succeeded')),
      order('early', 'REJECTED', node('failed')),
      order('late', 'REJECTED', node('succeeded', true), node('failed')),
      order('unknown', 'REJECTED', { ...node('unknown'), items: [node('unknown', true)] }),
      { ...order('left', 'REJECTED', node('succeeded', true), node('succeeded', true), node('failed')), reason: 'APPROVAL_TIMED_OUT' },
      order('cancelled', 'CANCELLED', node('unknown', true)),
      order('crashed', 'DELIVERED', node('succeeded'), node('succeeded')),
    ];
    expect(idsOf(pickExamples(orders, new Set(['crashed'])))).toEqual(['done', 'late', 'unknown', 'left', 'crashed']);
  });

  it('show one that a crash cut short as another kind only where there is no other', () => {
    expect(idsOf(pickExamples([order('crashed', 'DELIVERED')], new Set(['crashed'])))).toEqual([
      'crashed',
      undefined,
      undefined,
      undefined,
      'crashed',
    ]);
  });

  it('leave a kind out that the run did not have', () => {
    expect(idsOf(pickExamples([order('done', 'DELIVERED')], new Set()))).toEqual(['done', undefined, undefined, undefined, undefined]);
  });
});

it('a saga was cut short by a crash, not by a graceful stop', () => {
  const interrupted = (why: string) => [{ sequence: 1, at: '', kind: 'attempt-interrupted', details: { why } }];
  expect(wasCutShort(interrupted('crash'))).toBe(true);
  expect(wasCutShort(interrupted('stop'))).toBe(false);
});
