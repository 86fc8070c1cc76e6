import type { SagaState } from '../planning/state.js';
import type { SagaProgress } from '../store/saga-store.js';

/** What the row says in short of a state. */
export const progressOf = ({ status, failure, pivotBegun, endedAt }: SagaState, wakeAt: number | null): SagaProgress => ({
  status,
  failure,
  pivotBegun,
  endedAt,
  wakeAt,
});
