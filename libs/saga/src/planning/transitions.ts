import type { EntryKind } from './journal.js';
import type { CompensationStatus, SagaStatus, StepStatus } from './saga-status.js';

/**
 * Every legal transition. Read a row as: in this status, that entry leads to this status. What a row lacks is illegal, and
 * folding it is an error, never silent.
 */
type Table<Status extends string> = Readonly<Record<Status, Readonly<Partial<Record<EntryKind, Status>>>>>;

export const STEP_TRANSITIONS: Table<StepStatus> = {
  pending: {
    'attempt-started': 'started',
    'step-delayed': 'waiting',
    'step-waits': 'waiting',
    'step-skipped': 'skipped',
    'step-failed': 'failed',
    'step-resolved': 'succeeded',
  },
  waiting: {
    'attempt-started': 'started',
    'step-waits': 'waiting',
    'step-skipped': 'skipped',
    'step-failed': 'failed',
    'step-resolved': 'succeeded',
  },
  started: {
    'attempt-started': 'started',
    'attempt-failed': 'started',
    'attempt-deferred': 'started',
    'attempt-interrupted': 'started',
    'child-chosen': 'started',
    'child-started': 'started',
    'child-recalled': 'started',
    'step-succeeded': 'succeeded',
    'step-failed': 'failed',
    'step-unknown': 'unknown',
    'step-reopened': 'started',
    'step-skipped': 'skipped',
    'step-resolved': 'succeeded',
  },
  succeeded: {},
  failed: { 'step-reopened': 'started', 'step-skipped': 'skipped', 'step-resolved': 'succeeded' },
  unknown: { 'step-reopened': 'started', 'step-skipped': 'skipped', 'step-resolved': 'succeeded' },
  skipped: {},
};

export const COMPENSATION_TRANSITIONS: Table<CompensationStatus> = {
  pending: { 'attempt-started': 'started', 'compensation-skipped': 'skipped', 'compensation-resolved': 'resolved' },
  started: {
    'attempt-started': 'started',
    'attempt-failed': 'started',
    'attempt-deferred': 'started',
    'attempt-interrupted': 'started',
    'child-undoing': 'started',
    'compensation-succeeded': 'compensated',
    'compensation-failed': 'failed',
    'compensation-reopened': 'started',
    'compensation-skipped': 'skipped',
    'compensation-resolved': 'resolved',
  },
  compensated: {},
  failed: { 'compensation-reopened': 'started', 'compensation-skipped': 'skipped', 'compensation-resolved': 'resolved' },
  skipped: {},
  resolved: {},
};

/**
 * Entries of steps move a pending saga to `running`; they are legal while it runs or unwinds, and only then. Those that an operator
 * wrote move a stuck one on, as `retry-requested` does: to `compensating` where it unwinds.
 */
export const SAGA_TRANSITIONS: Table<SagaStatus> = {
  pending: {
    'saga-started': 'pending',
    'message-received': 'pending',
    'saga-paused': 'pending',
    'saga-resumed': 'pending',
    'cancel-requested': 'pending',
    'definition-changed': 'pending',
    'unwinding-began': 'compensating',
  },
  running: {
    'message-received': 'running',
    'saga-paused': 'running',
    'saga-resumed': 'running',
    'cancel-requested': 'running',
    'alert-raised': 'running',
    'definition-changed': 'running',
    'unwinding-began': 'compensating',
    'saga-completed': 'completed',
    'saga-stuck': 'stuck',
  },
  compensating: {
    'message-received': 'compensating',
    'saga-paused': 'compensating',
    'saga-resumed': 'compensating',
    'cancel-requested': 'compensating',
    'alert-raised': 'compensating',
    'definition-changed': 'compensating',
    'saga-compensated': 'compensated',
    'saga-stuck': 'stuck',
  },
  stuck: {
    'message-received': 'stuck',
    'retry-requested': 'running',
    'saga-paused': 'stuck',
    'saga-resumed': 'stuck',
    'cancel-requested': 'stuck',
    'alert-raised': 'stuck',
    'definition-changed': 'stuck',
    'unwinding-began': 'compensating',
  },
  completed: { 'unwinding-began': 'compensating' },
  compensated: {},
};
