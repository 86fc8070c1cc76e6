import { type Duration, parseDuration } from './durations.js';

const REJECTED = Symbol.for('nestjs-sagas.step-rejected');
const RETRY_LATER = Symbol.for('nestjs-sagas.retry-later');

/** A business refusal: nothing happened, trying again is pointless. */
export class StepRejected extends Error {
  protected readonly [REJECTED] = true;

  /**
   * @param code stable, for programs: it becomes `failure.code`
   * @param message for people; defaults to the code
   * @param details must survive storage
   */
  constructor(
    /** Stable, for programs. */
    readonly code: string,
    message: string = code,
    /** What it was given. */
    readonly details: unknown = undefined,
  ) {
    super(message);
    this.name = 'StepRejected';
  }
}

/** A technical failure with a known earliest time for the next try. It spends an attempt like any other failure. */
export class RetryLater extends Error {
  protected readonly [RETRY_LATER] = true;
  /** Milliseconds from now. */
  readonly afterMs: number;

  constructor(after: Duration, message = 'asked to retry later') {
    super(message);
    this.name = 'RetryLater';
    this.afterMs = parseDuration(after, 'RetryLater after');
  }
}

/** Also true of one thrown by another copy of the package. */
export const isStepRejected = (error: unknown): error is StepRejected => typeof error === 'object' && error !== null && REJECTED in error;

export const isRetryLater = (error: unknown): error is RetryLater => typeof error === 'object' && error !== null && RETRY_LATER in error;
