import type { OperatorRequest } from './operate.js';
import { SagaOperationError } from './saga-operation.error.js';
import { begin, sagaOf, type Scenario, step } from './scenario.fixture.js';

export const by = { operator: 'ann', reason: 'I called them' };

/** Why a command is refused. */
export const refused = (saga: Scenario, request: OperatorRequest, knowing?: 'nothing'): string => {
  try {
    saga.operator(request, knowing);
  } catch (error) {
    if (error instanceof SagaOperationError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
};

/** Two branches, a refusal when both are done, and a refund that is refused. */
export const unrefunded = () =>
  begin(sagaOf(step('charge'), step('flight', { after: [] }), step('approve', { after: ['charge', 'flight'] })))
    .returns('charge')
    .returns('flight')
    .refuses('approve')
    .refuses('undo charge')
    .returns('undo flight')
    .skip();
