/**
 * A value in stored form: what `JSON.parse` may give back. A Date is `{ "$date": "<ISO 8601>" }`; an object of the user's
 * whose only key is `$date` or `$object` is wrapped as `{ "$object": … }`, so that reading is never a guess.
 */
export type StoredValue = null | boolean | number | string | readonly StoredValue[] | StoredObject;

interface StoredObject {
  readonly [key: string]: StoredValue;
}

/** Lists and objects inside one another. Readers of JSON in other languages, and PostgreSQL, go no deeper than they have stack. */
export const DEEPEST_PAYLOAD = 100;

/** Why a value does not survive storage, and where in it. */
export class PayloadFault extends Error {
  constructor(
    /** Inside the value, such as `lines[0].price`; empty for the value itself. */
    readonly path: string,
    readonly why: string,
  ) {
    super(path === '' ? why : `${path} ${why}`);
    this.name = 'PayloadFault';
  }
}

/**
 * The stored form of a value: a copy, so that later changes of the original change nothing. `undefined` stays `undefined`
 * at the top, and a property that is `undefined` is left out, as in JSON.
 *
 * @param maxBytes of its JSON text in UTF-8
 * @throws PayloadFault where the value would come back as another one, or is too large [R5]
 */
export function encodePayload(value: unknown, maxBytes: number): StoredValue | undefined {
  if (value === undefined) return undefined;
  return encodeWithin(value, '', maxBytes);
}

/** The same for a list, each item a stored value of its own. */
export function encodePayloads(values: readonly unknown[], maxBytes: number): readonly StoredValue[] {
  return values.map((value, index) => encodeWithin(value, `[${index}]`, maxBytes));
}

function encodeWithin(value: unknown, path: string, maxBytes: number): StoredValue {
  const encoder = new Encoder(path);
  const stored = encoder.encode(value);
  if (encoder.mostBytes <= maxBytes) return stored;
  const bytes = Buffer.byteLength(JSON.stringify(stored));
  if (bytes <= maxBytes) return stored;
  throw new PayloadFault(path, `has ${bytes} bytes, the limit (maxPayload) is ${maxBytes}: keep it in a table of your own and pass its id`);
}

/** The value behind a stored form: a fresh copy each time. */
export function decodePayload(stored: StoredValue | undefined): unknown {
  if (stored === null || typeof stored !== 'object') return stored;
  if (Array.isArray(stored)) return stored.map((item: StoredValue) => decodePayload(item));
  const object = stored as StoredObject;
  const keys = Object.keys(object);
  if (keys.length === 1 && keys[0] === '$date') return new Date(object['$date'] as string);
  if (keys.length === 1 && keys[0] === '$object') return decodeProperties(object['$object'] as StoredObject);
  return decodeProperties(object, keys);
}

/** The same text for equal values, whatever the order of their keys. */
export function canonicalJson(stored: StoredValue): string {
  if (stored === null || typeof stored !== 'object') return JSON.stringify(stored);
  if (Array.isArray(stored)) return `[${stored.map((item: StoredValue) => canonicalJson(item)).join(',')}]`;
  const object = stored as StoredObject;
  const properties = Object.keys(object)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key] as StoredValue)}`);
  return `{${properties.join(',')}}`;
}

function decodeProperties(stored: StoredObject, keys = Object.keys(stored)): object {
  const object: object = {};
  for (const key of keys) define(object, key, decodePayload(stored[key]));
  return object;
}

/** Assigned, `__proto__` would be no key; defined, every other would cost three times as much. */
function define(object: object, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else (object as Record<string, unknown>)[key] = value;
}

/** Of a number or a date, or of what stands around a value: brackets, quotes, its comma, and those of its key. */
const MOST_AROUND = 64;

/** Escaped, as JSON escapes a control character. */
const MOST_OF_CHARACTER = 6;

/** Makes the stored form of one value. Where in it something is, is said only of what is at fault. */
class Encoder {
  /** Lists and objects around what is looked at, outermost first, and the key of each in the one before. */
  private readonly parents: object[] = [];
  private readonly keys: (string | number)[] = [];
  /** What the JSON text of all that was encoded has at the most, in UTF-8: it is made to be counted only where that is too much. */
  mostBytes = 0;

  constructor(
    /** Of the value itself. */
    private readonly path: string,
  ) {}

  encode(value: unknown): StoredValue {
    this.mostBytes += MOST_AROUND;
    switch (typeof value) {
      case 'boolean':
        return value;
      case 'string':
        return this.encodeString(value);
      case 'number':
        if (!Number.isFinite(value)) throw this.fault(`is ${value} and does not survive storage; use a finite number, or null`);
        // JSON has no -0.
        return value === 0 ? 0 : value;
      case 'bigint':
        throw this.fault('is a BigInt and does not survive storage; use a string or a number');
      case 'undefined':
        throw this.fault('is undefined inside a list and would come back as null; use null');
      case 'object':
        return value === null ? null : this.encodeObject(value);
      default:
        throw this.fault(`is a ${typeof value} and does not survive storage; leave it out`);
    }
  }

  private encodeString(value: string): string {
    if (value.includes('\0')) throw this.fault('contains U+0000, which PostgreSQL cannot store; remove it');
    this.mostBytes += value.length * MOST_OF_CHARACTER;
    if (!value.isWellFormed()) throw this.fault('contains a lone surrogate, half of a character; use toWellFormed(), or base64 for bytes');
    return value;
  }

  private encodeObject(value: object): StoredValue {
    const { parents } = this;
    if (parents.includes(value)) throw this.fault('refers back to an object that contains it; store an id instead');
    if (parents.length === DEEPEST_PAYLOAD)
      throw this.fault(`is nested deeper than ${DEEPEST_PAYLOAD} levels; store what is in it as a list, with ids`);
    parents.push(value);
    const stored = this.encodeContents(value);
    parents.pop();
    return stored;
  }

  private encodeContents(value: object): StoredValue {
    if (Array.isArray(value)) return Array.from(value, (item: unknown, index) => this.encodeInside(index, item));
    if (value instanceof Date) return this.encodeDate(value);
    const foreign = nameOfUnstorable(value);
    if (foreign !== undefined)
      throw this.fault(`is a ${foreign} and does not survive storage; use plain objects, lists, strings, numbers and dates`);
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.encode(value.toJSON());
    return this.encodeProperties(value);
  }

  private encodeInside(key: string | number, value: unknown): StoredValue {
    this.keys.push(key);
    const stored = this.encode(value);
    this.keys.pop();
    return stored;
  }

  private encodeDate(value: Date): StoredValue {
    if (Number.isNaN(value.getTime())) throw this.fault('is an invalid Date');
    return { $date: value.toISOString() };
  }

  private encodeProperties(value: object): StoredValue {
    const stored: Record<string, StoredValue> = {};
    for (const key of Object.keys(value)) {
      const property = (value as Record<string, unknown>)[key];
      if (property === undefined) continue;
      this.keys.push(key);
      define(stored, this.encodeString(key), this.encode(property));
      this.keys.pop();
    }
    const keys = Object.keys(stored);
    return keys.length === 1 && (keys[0] === '$date' || keys[0] === '$object') ? { $object: stored } : stored;
  }

  private fault(why: string): PayloadFault {
    const path = this.keys.reduce<string>(
      (outer, key) => (typeof key === 'number' ? `${outer}[${key}]` : outer === '' ? key : `${outer}.${key}`),
      this.path,
    );
    return new PayloadFault(path, why);
  }
}

function nameOfUnstorable(value: object): string | undefined {
  if (Object.getPrototypeOf(value) === Object.prototype) return undefined;
  const foreign = [Map, Set, WeakMap, WeakSet, Promise, RegExp, Error, ArrayBuffer, Number, String, Boolean, Symbol, BigInt].find(
    (type) => value instanceof type,
  );
  if (foreign !== undefined) return foreign.name;
  return ArrayBuffer.isView(value) ? value.constructor.name : undefined;
}
