export type AbortCause = 'timed-out' | 'unwinding' | 'stopping' | 'lost';

const TEXTS: Readonly<Record<AbortCause, string>> = {
  'timed-out': 'the attempt took longer than its timeout',
  unwinding: 'the saga unwinds',
  stopping: 'this node is shutting down',
  lost: 'this node no longer owns the saga',
};

/** The reason of a step's aborted signal. */
export class AttemptAborted extends Error {
  readonly code = 'SAGA_ATTEMPT_ABORTED';

  constructor(readonly why: AbortCause) {
    super(TEXTS[why]);
    this.name = 'AttemptAborted';
  }
}
