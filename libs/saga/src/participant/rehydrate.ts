import type { Type } from '@nestjs/common';

import { decodePayload, encodePayload, PayloadFault, type StoredValue } from '../planning/payload.js';

/**
 * An instance of the command's class with the properties that came over the wire. The constructor is not called: it may
 * check, compute or default what the sender has settled already.
 *
 * @throws PayloadFault where the payload is no object, or could not have been stored by a sender that keeps the rules [R5]
 */
export function rehydrate(type: Type<object>, payload: StoredValue, maxBytes: number): object {
  const properties = read(payload, maxBytes);
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties) || properties instanceof Date) {
    throw new PayloadFault('', 'is not an object');
  }
  const command = Object.create(type.prototype as object) as object;
  for (const [key, value] of Object.entries(properties)) {
    // Not an assignment: a key such as `__proto__` must stay a key, and a setter must not run.
    Object.defineProperty(command, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return command;
}

/** There and back: what goes in again has a size and a depth that are allowed, and no dates that are none. */
function read(payload: StoredValue, maxBytes: number): unknown {
  try {
    const value = decodePayload(payload);
    encodePayload(value, maxBytes);
    return value;
  } catch (fault) {
    if (fault instanceof PayloadFault) throw fault;
    throw new PayloadFault('', 'is nested too deep, or not in the form in which values are stored');
  }
}
