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

/** Failures are compared as objects: a state that did not change keeps its own. */
export const isSameProgress = (one: SagaProgress, other: SagaProgress | undefined): boolean =>
  other !== undefined &&
  one.status === other.status &&
  one.failure === other.failure &&
  one.pivotBegun === other.pivotBegun &&
  one.endedAt === other.endedAt &&
  one.wakeAt === other.wakeAt;
