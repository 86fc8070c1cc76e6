import type { SagaFailure } from 'nestjs-sagas';

export const ORDER_STATES = ['PENDING', 'APPROVED', 'DELIVERED', 'REJECTED', 'CANCELLED'] as const;

/** PENDING until it is paid; APPROVED until the parcel arrives, and its saga ends. The other three are for good. */
export type OrderState = (typeof ORDER_STATES)[number];

/** What becomes of an order whose saga was undone: the customer took it back, or somebody refused it, or nobody approved it in time. */
export const undone = (failure: SagaFailure): { state: OrderState; reason: string } => ({
  state: failure.kind === 'cancelled' ? 'CANCELLED' : 'REJECTED',
  reason: reasonOf(failure),
});

/** No other step waits before the pivot. */
const reasonOf = ({ code, message }: SagaFailure): string => (code === 'SAGA_WAIT_TIMED_OUT' ? 'APPROVAL_TIMED_OUT' : (code ?? message));
