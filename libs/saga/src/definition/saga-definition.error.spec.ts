import { isSagaError } from '../planning/saga-error.js';
import { SagaDefinitionError } from './saga-definition.error.js';

const faults = [
  {
    saga: 'PlaceOrderSaga',
    method: 'reserveStock',
    message: "has no compensation. Add @Compensate('reserveStock'), or kind: 'readonly' if it changes nothing.",
  },
  {
    saga: 'PlaceOrderSaga',
    method: 'notify',
    message: "is retriable, but no pivot stands before it. Mark one: @SagaStep({ kind: 'pivot' }).",
  },
  { saga: 'ReturnSaga', message: 'is started by ReturnRequested, but has no key. Add key: (input) => ….' },
];

describe('a definition error', () => {
  it('R12: lists all faults with their places', () => {
    const error = new SagaDefinitionError(faults);
    expect(error.toString()).toBe(
      [
        'SagaDefinitionError: 3 faults in 2 sagas; nothing was started.',
        "  PlaceOrderSaga.reserveStock  has no compensation. Add @Compensate('reserveStock'), or kind: 'readonly' if it changes nothing.",
        "  PlaceOrderSaga.notify        is retriable, but no pivot stands before it. Mark one: @SagaStep({ kind: 'pivot' }).",
        '  ReturnSaga                   is started by ReturnRequested, but has no key. Add key: (input) => ….',
      ].join('\n'),
    );
    expect(error).toMatchObject({ code: 'SAGA_DEFINITION', faults });
    expect(isSagaError(error)).toBe(true);
  });

  it('counts one as one', () => {
    expect(new SagaDefinitionError(faults.slice(2)).message).toMatch(/^1 fault in 1 saga; nothing was started\.\n/);
  });
});
