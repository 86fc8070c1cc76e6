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
  },
  waiting: { 'attempt-started': 'started', 'step-waits': 'waiting', 'step-skipped': 'skipped', 'step-failed': 'failed' },
  started: {
    'attempt-started': 'started',
    'attempt-failed': 'started',
    'attempt-interrupted': 'started',
    'step-succeeded': 'succeeded',
    'step-failed': 'failed',
    'step-unknown': 'unknown',
  },
  succeeded: {},
  failed: {},
  unknown: {},
  skipped: {},
};

export const COMPENSATION_TRANSITIONS: Table<CompensationStatus> = {
  pending: { 'attempt-started': 'started', 'compensation-skipped': 'skipped' },
  started: {
    'attempt-started': 'started',
    'attempt-failed': 'started',
    'attempt-interrupted': 'started',
    'compensation-succeeded': 'compensated',
    'compensation-failed': 'failed',
  },
  compensated: {},
  failed: {},
  skipped: {},
  resolved: {},
};

/** Entries of steps move a pending saga to `running`; they are legal while it runs or unwinds, and only then. */
export const SAGA_TRANSITIONS: Table<SagaStatus> = {
  pending: {
    'saga-started': 'pending',
    'message-received': 'pending',
    'cancel-requested': 'pending',
    'definition-changed': 'pending',
    'unwinding-began': 'compensating',
  },
  running: {
    'message-received': 'running',
    'cancel-requested': 'running',
    'alert-raised': 'running',
    'definition-changed': 'running',
    'unwinding-began': 'compensating',
    'saga-completed': 'completed',
    'saga-stuck': 'stuck',
  },
  compensating: {
    'message-received': 'compensating',
    'cancel-requested': 'compensating',
    'alert-raised': 'compensating',
    'definition-changed': 'compensating',
    'saga-compensated': 'compensated',
    'saga-stuck': 'stuck',
  },
  stuck: {
    'message-received': 'stuck',
    'cancel-requested': 'stuck',
    'alert-raised': 'stuck',
    'definition-changed': 'stuck',
    'unwinding-began': 'compensating',
  },
  completed: {},
  compensated: {},
};
