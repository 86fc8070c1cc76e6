import { inspect } from 'node:util';

import type { AttemptEnd } from '../planning/facts.js';
import { errorRecordOf } from '../planning/error-record.js';
import type { ErrorRecord } from '../planning/failure.js';
import type { Direction, Effect } from '../planning/journal.js';
import { decodePayload, encodePayload, type StoredValue } from '../planning/payload.js';
import { askWhetherToRetry, type Judgement } from './attempt-end.js';

export interface Reading {
  readonly judgement: Judgement;
  readonly maxPayload: number;
  readonly direction: Direction;
}

/**
 * What a participant's reply says of its attempt. A reply that is none, or that could not be stored, says nothing: the
 * command may have been done, and the participant's fence answers it again. [R9, R24]
 */
export function endOfReply(reply: unknown, reading: Reading): AttemptEnd {
  try {
    return read(reply, reading);
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault);
    const error = errorRecordOf(new BadReply(`the participant's reply cannot be used: ${why}. It was ${excerptOf(reply)}`));
    return { kind: 'threw', error, effect: 'possible', retryable: true };
  }
}

function read(reply: unknown, { judgement, maxPayload, direction }: Reading): AttemptEnd {
  const { kind, result, error, effect, retryAfterMs } = objectOf(reply, 'it');
  switch (kind) {
    case 'succeeded': {
      // What a compensation returns is not kept.
      const stored = direction === 'compensation' ? undefined : storedOf(result, maxPayload);
      return { kind: 'returned', ...(stored !== undefined && { result: stored }) };
    }
    case 'deferred':
      return { kind: 'deferred' };
    case 'refused':
      return { kind: 'refused', error: errorOf(error, maxPayload), effect: effectOf(effect) };
    case 'failed': {
      const record = errorOf(error, maxPayload);
      return {
        kind: 'threw',
        ...askWhetherToRetry(Object.assign(new Error(record.message), record), record, judgement.retryIf),
        effect: effectOf(effect),
        ...(retryAfterMs !== undefined && { retryAfterMs: pauseOf(retryAfterMs) }),
      };
    }
    default:
      throw new BadReply(`its kind is none of succeeded, deferred, refused, failed`);
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadReply(`${what} is no object`);
  return value as Readonly<Record<string, unknown>>;
}

function errorOf(value: unknown, maxPayload: number): ErrorRecord {
  const { code, message, details } = objectOf(value, 'its error');
  if (typeof message !== 'string') throw new BadReply('its error.message is no text');
  if (code !== undefined && typeof code !== 'string') throw new BadReply('its error.code is no text');
  const stored = storedOf(details, maxPayload);
  return { ...errorRecordOf(Object.assign(new Error(message), { code })), ...(stored !== undefined && { details: stored }) };
}

function effectOf(value: unknown): Effect {
  if (value === 'none' || value === 'possible') return value;
  throw new BadReply('its effect is neither none nor possible');
}

/** There and back: what comes out can be stored, and read again. */
function storedOf(value: unknown, maxPayload: number): StoredValue | undefined {
  return encodePayload(decodePayload(value as StoredValue | undefined), maxPayload);
}

/** A pause without end would take the saga's next attempt beyond the dates that PostgreSQL knows. */
const LONGEST_PAUSE_MS = 100 * 366 * 86_400_000;

function pauseOf(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= LONGEST_PAUSE_MS) return value;
  throw new BadReply('its retryAfterMs is no pause in milliseconds');
}

const LONGEST_EXCERPT = 200;

const excerptOf = (reply: unknown): string =>
  inspect(reply, { depth: 3, breakLength: Infinity, maxStringLength: LONGEST_EXCERPT }).slice(0, LONGEST_EXCERPT);

class BadReply extends Error {
  readonly code = 'SAGA_BAD_REPLY';
}
