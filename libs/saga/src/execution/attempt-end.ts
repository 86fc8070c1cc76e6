import type { AttemptEnd } from '../planning/facts.js';
import { errorRecordOf, refusalRecordOf } from '../planning/error-record.js';
import type { ErrorRecord } from '../planning/failure.js';
import type { Direction, Effect } from '../planning/journal.js';
import { encodePayload, PayloadFault } from '../planning/payload.js';
import { isRetryLater, isStepRejected } from '../planning/step-errors.js';

export interface Judgement {
  /** What an ordinary error leaves behind. */
  readonly effect: Effect;
  readonly retryIf?: ((error: Error) => boolean) | undefined;
}

/** What an error that a step threw says of its attempt. [R9] */
export function endOfError(thrown: unknown, { effect, retryIf }: Judgement): AttemptEnd {
  if (thrown instanceof MethodNotCalled) return endOfMethodNotCalled(thrown, retryIf);
  if (isStepRejected(thrown)) return { kind: 'refused', error: refusalRecordOf(thrown) };
  const record = errorRecordOf(thrown);
  const error = thrown instanceof Error ? thrown : new Error(record.message, { cause: thrown });
  return {
    kind: 'threw',
    ...(error instanceof FinalError ? { error: record, retryable: false } : askWhetherToRetry(error, record, retryIf)),
    effect: error instanceof NothingWasDone ? 'none' : effect,
    ...(isRetryLater(error) && { retryAfterMs: error.afterMs }),
  };
}

/** What kept the method from being called is judged as if it had thrown it, but for one thing: nothing was done. [R9] */
function endOfMethodNotCalled(thrown: MethodNotCalled, retryIf: Judgement['retryIf']): AttemptEnd {
  const end = endOfError(thrown.cause, { effect: 'none', retryIf });
  return end.kind === 'threw' ? { ...end, error: { ...end.error, message: errorRecordOf(thrown).message } } : end;
}

/** Whether the method may still be at work although its attempt has ended. */
export function mayGoOn(end: AttemptEnd): boolean {
  if (end.kind === 'interrupted') return end.returned !== true;
  return end.kind === 'threw' && end.abandoned === true;
}

/** A `retryIf` that throws has no say: the attempts of the policy still bound the retries. [R32] */
export function askWhetherToRetry(
  error: Error,
  record: ErrorRecord,
  retryIf: Judgement['retryIf'],
): { readonly error: ErrorRecord; readonly retryable: boolean } {
  try {
    return { error: record, retryable: retryIf?.(error) ?? true };
  } catch (thrown) {
    const message = `${record.message} (and its retryIf threw: ${errorRecordOf(thrown).message})`;
    return { error: { ...record, message }, retryable: true };
  }
}

export interface Keeping {
  readonly maxPayload: number;
  readonly place: string;
  readonly direction: Direction;
}

/**
 * The result of an attempt in stored form; one that cannot be stored ends the attempt instead. [R2, R5] What a compensation
 * returns is nobody's: it is not kept, so it may be anything.
 */
export function endOfValue(value: unknown, { maxPayload, place, direction }: Keeping): AttemptEnd {
  if (direction === 'compensation') return { kind: 'returned' };
  try {
    const result = encodePayload(value, maxPayload);
    return { kind: 'returned', ...(result !== undefined && { result }) };
  } catch (fault) {
    if (!(fault instanceof PayloadFault)) throw fault;
    throw new UnstorableResult(place, fault);
  }
}

/** Trying again gives the same. */
export class FinalError extends Error {
  readonly code: string = 'SAGA_STEP_FAULT';
}

/** A fault of the saga's own code, found before anything was done. */
export class NothingWasDone extends FinalError {}

/** The attempt came to its end before its method was called. */
export class MethodNotCalled extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what}: ${errorRecordOf(cause).message}`, { cause });
  }
}

class UnstorableResult extends FinalError {
  override readonly code = 'SAGA_PAYLOAD';

  constructor(place: string, { path, why }: PayloadFault) {
    super(`${place}: the result${path === '' ? '' : path.startsWith('[') ? path : `.${path}`} ${why}.`);
  }
}
