import fc from 'fast-check';

import { canonicalJson, decodePayload, encodePayload, encodePayloads, PayloadFault, type StoredValue } from './payload.js';

const LIMIT = 1_000_000;

const encode = (value: unknown) => encodePayload(value, LIMIT);
const viaStorage = (value: unknown): unknown => decodePayload(JSON.parse(JSON.stringify(encode(value))) as StoredValue);

function faultOf(value: unknown, limit = LIMIT): PayloadFault {
  try {
    encodePayload(value, limit);
  } catch (error) {
    if (error instanceof PayloadFault) return error;
    throw error;
  }
  throw new Error('was stored');
}

const cyclic: { name: string; self?: unknown } = { name: 'loop' };
cyclic.self = { again: cyclic };
const list: unknown[] = [];
list.push([list]);

describe('payloads', () => {
  it.each([
    ['a function', () => 1, 'is a function'],
    ['a symbol', Symbol('x'), 'is a symbol'],
    ['a BigInt', 1n, 'is a BigInt'],
    ['NaN', NaN, 'is NaN'],
    ['Infinity', -Infinity, 'is -Infinity'],
    ['U+0000', 'a\0b', 'contains U+0000'],
    ['a lone surrogate', 'a\ud800', 'contains a lone surrogate'],
    ['a Map', new Map([[1, 2]]), 'is a Map'],
    ['a Set', new Set([1]), 'is a Set'],
    ['a WeakMap', new WeakMap(), 'is a WeakMap'],
    ['a promise', Promise.resolve(1), 'is a Promise'],
    ['a regular expression', /x/, 'is a RegExp'],
    ['an error', new TypeError('x'), 'is a Error'],
    ['bytes', Buffer.from('x'), 'is a Buffer'],
    ['a typed array', new Float32Array(1), 'is a Float32Array'],
    ['an ArrayBuffer', new ArrayBuffer(1), 'is a ArrayBuffer'],
    ['a boxed number', Object(5), 'is a Number'],
    ['a boxed string', Object('x'), 'is a String'],
    ['an invalid date', new Date(NaN), 'is an invalid Date'],
    ['a hole in a list', Array(1), '[0] is undefined inside a list'],
  ])('R5: %s is refused where it stands', (_, value, why) => {
    expect(faultOf(value).message).toContain(why);
    const inside = faultOf({ lines: [{ sku: 'a' }, { sku: value }] });
    expect(inside.path).toMatch(/^lines\[1\]\.sku(\[0\])?$/);
    expect(inside.message).toBe(`${inside.path} ${inside.why}`);
  });

  it('R5: what is nested too deep is refused where it begins to be, as is what has no end', () => {
    const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    expect(viaStorage(nested(100))).toEqual(nested(100));
    expect(faultOf(nested(101))).toMatchObject({ path: '[0]'.repeat(100), why: expect.stringContaining('deeper than 100 levels') });
    const endless = (): object => ({ toJSON: () => ({ more: endless() }) });
    expect(faultOf(endless()).why).toContain('deeper than 100 levels');
  });

  it('R5: undefined inside a list is refused; a property without value is left out, as in JSON', () => {
    expect(faultOf({ list: [1, undefined] })).toMatchObject({ path: 'list[1]' });
    expect(encode({ a: 1, b: undefined })).toStrictEqual({ a: 1 });
    expect(encode(undefined)).toBeUndefined();
    expect(decodePayload(undefined)).toBeUndefined();
  });

  it('R5: a cycle is refused; the same object twice is none', () => {
    expect(faultOf(cyclic)).toMatchObject({ path: 'self.again', why: expect.stringContaining('refers back') });
    expect(faultOf({ list })).toMatchObject({ path: 'list[0][0]' });
    const address = { city: 'Kyiv' };
    expect(encode({ from: address, to: address })).toEqual({ from: address, to: address });
  });

  it('R5: a key is text like any other', () => {
    expect(faultOf({ 'a\0': 1 }).message).toContain('U+0000');
    expect(faultOf({ '\udc00': 1 }).message).toContain('lone surrogate');
  });

  it('R5: the limit counts bytes of the stored text, not characters', () => {
    expect(encodePayload('é', 4)).toBe('é');
    expect(faultOf('éé', 5)).toMatchObject({ path: '', why: expect.stringContaining('has 6 bytes, the limit (maxPayload) is 5') });
    expect(encodePayload('éé', 6)).toBe('éé');
  });

  it.each([
    ['texts', ['"', '\n', '\u0001\u001f', '\\', 'é', '€', '😀', '']],
    ['keys', { '\u0001': 1, é: 2, '': 3 }],
    ['numbers', [-1.7976931348623157e308, 5e-324, -0, 1e21, 123456789012345680000]],
    ['dates', [new Date(8.64e15), new Date(-8.64e15), new Date(0)]],
    ['what is wrapped', [{ $date: 'x' }, { $object: {} }, { $object: { $date: new Date(-1e15) } }]],
    ['nothing', [null, true, false, {}, []]],
  ])('R5: a value has as many bytes as its text: %s', (_of, value) => {
    const bytes = Buffer.byteLength(JSON.stringify(encode(value)));
    expect(encodePayload(value, bytes)).toEqual(encode(value));
    expect(faultOf(value, bytes - 1).why).toContain(`has ${bytes} bytes`);
  });

  it('R5: each value of a list has the limit for itself, and is named by its place', () => {
    expect(encodePayloads(['aaa', 'bbb'], 5)).toEqual(['aaa', 'bbb']);
    expect(() => encodePayloads(['a', 'bbbb'], 5)).toThrow('[1] has 6 bytes');
    expect(() => encodePayloads([{ when: new Map() }], 5)).toThrow('[0].when is a Map');
  });

  it('R5: dates are kept as dates, at any depth', () => {
    const at = new Date('2024-02-29T12:00:00.123Z');
    expect(encode({ at })).toStrictEqual({ at: { $date: '2024-02-29T12:00:00.123Z' } });
    expect(viaStorage({ at, all: [at] })).toStrictEqual({ at, all: [at] });
    expect(viaStorage(at)).toStrictEqual(at);
  });

  it('R5: what looks like a stored date is kept as it was', () => {
    for (const value of [
      { $date: '2024' },
      { $date: new Date(0) },
      { $object: 1 },
      { $object: { $date: 'x' } },
      { $object: { $object: {} } },
      { $date: 'x', b: 1 },
      { $date: 'x', b: undefined },
    ]) {
      expect(viaStorage(value)).toEqual(value);
    }
    expect(encode({ $date: 'x' })).toStrictEqual({ $object: { $date: 'x' } });
    expect(encode({ $date: 'x', b: 1 })).toStrictEqual({ $date: 'x', b: 1 });
  });

  it('R5: __proto__ is a key, and changes no prototype', () => {
    const value = JSON.parse('{"__proto__": {"admin": true}, "a": 1}') as object;
    const back = viaStorage(value) as Record<string, unknown>;
    expect(Object.keys(back)).toEqual(['__proto__', 'a']);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(back['admin']).toBeUndefined();
  });

  it('R5: a class comes back as its data, and toJSON speaks for its object', () => {
    class Money {
      constructor(
        readonly amount: number,
        readonly currency: string,
      ) {}
    }
    expect(viaStorage(new Money(5, 'EUR'))).toStrictEqual({ amount: 5, currency: 'EUR' });
    expect(viaStorage(new URL('http://127.0.0.1/x'))).toBe('http://127.0.0.1/x');
    expect(faultOf({ price: { toJSON: () => 1n } })).toMatchObject({ path: 'price' });
    expect(encode(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 });
  });

  it('R2, R5: -0 is 0 on the first run, too', () => {
    expect(encode(-0)).toBe(0);
    expect(encode({ a: [-0] })).toStrictEqual({ a: [0] });
  });

  it('R5: the stored form is a copy, and so is each value that is read', () => {
    const order = { lines: [{ sku: 'a' }] };
    const stored = encode(order) as StoredValue;
    order.lines[0]!.sku = 'changed';
    expect(stored).toEqual({ lines: [{ sku: 'a' }] });
    const read = decodePayload(stored) as typeof order;
    read.lines.push({ sku: 'b' });
    read.lines = [];
    expect(delete (read as Partial<typeof order>).lines).toBe(true);
    expect(decodePayload(stored)).toEqual({ lines: [{ sku: 'a' }] });
  });

  const key = fc
    .oneof(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.constantFrom('$date', '$object', '__proto__', 'toString', 'toJSON', 'length'))
    .filter((text) => !text.includes('\0'));
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
  );
  const { value: storable } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((properties) => {
        const object = {};
        for (const [name, value] of properties)
          Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
        return object;
      }),
    ),
  }));

  it('R2, R5: what is stored comes back equal, from memory and from storage', () => {
    fc.assert(
      fc.property(storable, (value) => {
        const stored = encode(value) as StoredValue;
        expect(decodePayload(stored)).toStrictEqual(value);
        expect(viaStorage(value)).toStrictEqual(value);
        expect(JSON.parse(JSON.stringify(stored))).toStrictEqual(stored);
      }),
      { numRuns: 2_000 },
    );
  });

  it('R6: canonical text is the same for equal values, and differs for others', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    fc.assert(
      fc.property(storable, (value) => expect(JSON.parse(canonicalJson(encode(value) as StoredValue))).toEqual(encode(value))),
      { numRuns: 500 },
    );
  });
});
