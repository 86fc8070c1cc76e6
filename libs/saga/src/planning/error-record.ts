import { DEFAULTS } from './defaults.js';
import type { ErrorRecord } from './failure.js';
import { encodePayload, PayloadFault } from './payload.js';
import type { StepRejected } from './step-errors.js';

/** An error is kept as long as its saga: a page of SQL in it is of no use there. */
const LONGEST_MESSAGE = 2_000;
const LONGEST_CODE = 200;

/** What the reply says of anything that was thrown. */
export function errorRecordOf(error: unknown): ErrorRecord {
  const code = property(error, 'code');
  const message = property(error, 'message') ?? wordsFor(error);
  return { ...(code !== undefined && { code: storable(code, LONGEST_CODE) }), message: storable(message, LONGEST_MESSAGE) };
}

/** A refusal stays a refusal although its details cannot be stored: what is left out is named instead. */
export function refusalRecordOf(error: StepRejected): ErrorRecord {
  const record = errorRecordOf(error);
  try {
    const details = encodePayload(error.details, DEFAULTS.maxPayload);
    return details === undefined ? record : { ...record, details };
  } catch (fault) {
    return { ...record, details: { leftOut: storable(fault instanceof PayloadFault ? fault.message : String(fault), LONGEST_MESSAGE) } };
  }
}

/** Anything can be thrown, and reading it can throw in turn: that must not hide that the step has failed. [R32] */
function property(error: unknown, name: 'code' | 'message' | 'name'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    const value = (error as Record<string, unknown>)[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}

function wordsFor(thrown: unknown): string {
  if (typeof thrown === 'string' && thrown !== '') return thrown;
  const name = thrown instanceof Error ? property(thrown, 'name') : undefined;
  return name === undefined ? 'Something that is not an Error was thrown.' : `${name} without a message`;
}

/** PostgreSQL stores neither U+0000 nor half of a character. */
function storable(text: string, longest: number): string {
  return text.slice(0, longest).replaceAll('\0', '').toWellFormed();
}
