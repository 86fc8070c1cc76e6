import { describeFailure } from './failure.js';
import { SagaError, isSagaError } from './saga-error.js';
import { isRetryLater, isStepRejected, RetryLater, StepRejected } from './step-errors.js';

class OrderLost extends SagaError {
  readonly code = 'ORDER_LOST';
}

describe('errors', () => {
  it('a refusal carries its code; the message defaults to it', () => {
    expect(new StepRejected('OUT_OF_STOCK')).toMatchObject({
      code: 'OUT_OF_STOCK',
      message: 'OUT_OF_STOCK',
      name: 'StepRejected',
      details: undefined,
    });
    expect(new StepRejected('OUT_OF_STOCK', 'none left', { sku: 'a' })).toMatchObject({ message: 'none left', details: { sku: 'a' } });
  });

  it('RetryLater takes a duration, and refuses nonsense', () => {
    expect(new RetryLater('2s')).toMatchObject({ afterMs: 2_000, message: 'asked to retry later', name: 'RetryLater' });
    expect(() => new RetryLater('soon' as '1s')).toThrow('RetryLater after is "soon"');
  });

  it('guards know their own, also from another copy of the package, and nothing else', () => {
    expect(isStepRejected(new StepRejected('NO'))).toBe(true);
    expect(isRetryLater(new RetryLater(1))).toBe(true);
    expect(isSagaError(new OrderLost('gone'))).toBe(true);
    expect(isStepRejected({ [Symbol.for('nestjs-sagas.step-rejected')]: true })).toBe(true);
    for (const guard of [isStepRejected, isRetryLater, isSagaError]) {
      for (const other of [new Error('x'), null, undefined, 'text', 5, {}]) expect(guard(other)).toBe(false);
    }
    expect(isStepRejected(new RetryLater(1))).toBe(false);
  });

  it('a saga error names its place, and keeps its cause', () => {
    const cause = new Error('disk full');
    expect(new OrderLost('gone', { saga: 'order', sagaId: '7', step: 'ship', cause })).toMatchObject({
      name: 'OrderLost',
      saga: 'order',
      sagaId: '7',
      step: 'ship',
      cause,
    });
    expect(new OrderLost('gone').step).toBeUndefined();
  });

  it('R17: a failure in one line names the step, and what was not undone', () => {
    expect(describeFailure({ kind: 'cancelled', message: 'too late' })).toBe('cancelled: too late');
    expect(describeFailure({ step: 'ship', kind: 'rejected', code: 'NO', message: 'no', left: [{ step: 'charge', why: 'gone' }] })).toBe(
      'ship rejected (NO): no; not undone: charge (gone)',
    );
  });
});
