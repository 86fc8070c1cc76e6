import type { AttemptEnd } from '../planning/facts.js';
import { errorRecordOf, refusalRecordOf } from '../planning/error-record.js';
import type { Effect } from '../planning/journal.js';
import { encodePayload, PayloadFault } from '../planning/payload.js';
import { isRetryLater, isStepRejected } from '../planning/step-errors.js';

export interface Judgement {
  /** What an ordinary error leaves behind. */
  readonly effect: Effect;
  readonly retryIf?: ((error: Error) => boolean) | undefined;
}

/** What an error that a step threw says of its attempt. [R9] */
export function endOfError(thrown: unknown, { effect, retryIf }: Judgement): AttemptEnd {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (isStepRejected(thrown)) return { kind: 'refused', error: refusalRecordOf(thrown) };
  return {
    kind: 'threw',
    error: errorRecordOf(error),
    effect: error instanceof NothingWasDone ? 'none' : effect,
    retryable: !(error instanceof FinalError) && (retryIf?.(error) ?? true),
    ...(isRetryLater(error) && { retryAfterMs: error.afterMs }),
  };
}

/** The result of an attempt in stored form; one that cannot be stored ends the attempt instead. [R2, R5] */
export function endOfValue(value: unknown, { maxPayload, place }: { readonly maxPayload: number; readonly place: string }): AttemptEnd {
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

class UnstorableResult extends FinalError {
  override readonly code = 'SAGA_PAYLOAD';

  constructor(place: string, { path, why }: PayloadFault) {
    super(`${place}: the result${path === '' ? '' : path.startsWith('[') ? path : `.${path}`} ${why}.`);
  }
}
