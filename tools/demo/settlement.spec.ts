import type { StepSummary } from './order-api.js';
import { explain } from './settlement.js';

const step = (name: string, status: string, more: Partial<StepSummary> = {}): StepSummary => ({
  step: name,
  status,
  attempts: 3,
  compensation: null,
  ...more,
});

function explained(status: string, ...steps: readonly StepSummary[]): string {
  return explain({ orderId: 'o-1', state: 'PENDING', reason: null, trackingIds: null, saga: { id: 's-1', status, failure: null, steps } });
}

describe('the line about an order that has not ended', () => {
  it('names what is under way, with the last error', () => {
    const items = [step('reserve', 'succeeded'), step('reserve', 'started', { error: { message: 'no answer' } })];
    expect(explained('running', step('create', 'succeeded'), step('reserve', 'started', { items }))).toBe(
      '  o-1 PENDING, saga s-1 running: reserve[1] started, attempt 3: no answer',
    );
  });

  it('names what cannot be undone', () => {
    const compensation = { status: 'failed', attempts: 8, error: { message: 'refused' } };
    expect(explained('stuck', step('pay', 'unknown', { compensation }), step('ship', 'pending'))).toBe(
      '  o-1 PENDING, saga s-1 stuck: undoing pay failed, attempt 8: refused',
    );
  });

  it('says where nothing is under way', () => {
    expect(explained('running')).toBe('  o-1 PENDING, saga s-1 running: nothing under way');
  });
});
