/** Where a saga stands. Transitions between these are in `transitions.ts`. */
export type SagaStatus = 'pending' | 'running' | 'compensating' | 'completed' | 'compensated' | 'stuck';

/** Certain success, certain absence of any effect, or neither is known. */
export type StepOutcome = 'succeeded' | 'failed' | 'unknown';

export type StepStatus = 'pending' | 'waiting' | 'started' | 'skipped' | StepOutcome;

export type CompensationStatus = 'pending' | 'started' | 'compensated' | 'failed' | 'skipped' | 'resolved';

/** A saga that has ended is never executed again, unless an operator takes a completed one back. */
export const hasEnded = (status: SagaStatus): boolean => status === 'completed' || status === 'compensated';
