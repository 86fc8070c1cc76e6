import type { Type } from '@nestjs/common';

import { decodePayload, type StoredValue } from '../planning/payload.js';

/**
 * An instance of the command's class with the properties that came over the wire. The constructor is not called: it may
 * check, compute or default what the sender has settled already.
 *
 * @throws TypeError where the payload is no object
 */
export function rehydrate(type: Type<object>, payload: StoredValue): object {
  const properties = decodePayload(payload);
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties) || properties instanceof Date) {
    throw new TypeError(`The payload of ${type.name} is not an object.`);
  }
  const command = Object.create(type.prototype as object) as object;
  for (const [key, value] of Object.entries(properties)) {
    // Not an assignment: a key such as `__proto__` must stay a key, and a setter must not run.
    Object.defineProperty(command, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return command;
}
