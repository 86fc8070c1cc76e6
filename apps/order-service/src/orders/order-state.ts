import type { SagaFailure } from 'nestjs-sagas';

export const ORDER_STATES = ['PENDING', 'APPROVED', 'REJECTED', 'CANCELLED'] as const;

/** PENDING until its saga has ended; the other three are for good. */
export type OrderState = (typeof ORDER_STATES)[number];

/** What becomes of an order whose saga was undone: the customer took it back, or somebody refused it. */
export const undone = ({ kind, code, message }: SagaFailure): { state: OrderState; reason: string } => ({
  state: kind === 'cancelled' ? 'CANCELLED' : 'REJECTED',
  reason: code ?? message,
});
