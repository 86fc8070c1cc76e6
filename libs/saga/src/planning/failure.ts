import { decodePayload, type StoredValue } from './payload.js';

/** Why a saga unwinds or is stuck. The compensations that failed or were left stand apart, in `left`. */
export interface SagaFailure {
  /** The step that failed; left out: it is the saga as a whole, such as its deadline or a cancel. */
  readonly step?: string;
  /** rejected: a step threw `StepRejected`. failed: its attempts ran out. timed-out: the saga's deadline or a wait passed. cancelled: somebody took it back. */
  readonly kind: 'rejected' | 'failed' | 'timed-out' | 'cancelled';
  /** Of `StepRejected`, or of the error that ended the attempts, where it had one. */
  readonly code?: string;
  /** For people. */
  readonly message: string;
  /** Of `StepRejected`, as it was stored. */
  readonly details?: unknown;
  /** Compensations that failed, were skipped, or opted out, and steps that an operator skipped though they may have had an effect. */
  readonly left?: readonly LeftCompensation[];
}

export interface LeftCompensation {
  /** Whose effect may still be there. */
  readonly step: string;
  /** 0-based, where the step fans out. */
  readonly item?: number;
  /** In words. */
  readonly why: string;
}

/** What is kept of an error: plain data, so that it survives storage and the wire. */
export interface ErrorRecord {
  readonly code?: string;
  readonly message: string;
  readonly details?: unknown;
}

/** For people and programs outside: the details decoded from their stored form, a fresh copy each time. */
export function readableFailure({ details, ...failure }: SagaFailure): SagaFailure {
  return details === undefined ? failure : { ...failure, details: decodePayload(details as StoredValue) };
}

/** In one line, for logs and errors. */
export function describeFailure({ step, kind, code, message, left = [] }: SagaFailure): string {
  const what = `${step === undefined ? '' : `${step} `}${kind}${code === undefined ? '' : ` (${code})`}: ${message}`;
  return left.length === 0 ? what : `${what}; not undone: ${left.map((one) => `${one.step} (${one.why})`).join(', ')}`;
}
