import { Command } from '@nestjs/cqrs';

import { encodePayload, PayloadFault, type StoredValue } from '../planning/payload.js';
import { rehydrate } from './rehydrate.js';

class Book extends Command<void> {
  calls = 0;
  constructor(
    readonly parcel: string,
    readonly on: Date,
  ) {
    super();
    if (parcel === undefined) throw new Error('called without arguments');
  }
  get label(): string {
    return `${this.parcel}!`;
  }
}

const LIMIT = 10_000;

const overTheWire = (value: unknown): StoredValue => JSON.parse(JSON.stringify(encodePayload(value, LIMIT))) as StoredValue;

describe('rehydrate', () => {
  it('gives an instance of the class, dates and methods included, without calling its constructor', () => {
    const sent = new Book('p-1', new Date(0));
    const received = rehydrate(Book, overTheWire(sent), LIMIT);
    expect(received).toBeInstanceOf(Book);
    expect(received).toEqual(sent);
    expect((received as Book).label).toBe('p-1!');
  });

  it('takes a key such as __proto__ for a key', () => {
    const received = rehydrate(Book, JSON.parse('{ "__proto__": { "admin": true } }') as StoredValue, LIMIT);
    expect(Object.getPrototypeOf(received)).toBe(Book.prototype);
    expect(received).not.toHaveProperty('admin');
  });

  it('does not run setters, nor trip over getters', () => {
    expect((rehydrate(Book, { label: 'x' }, LIMIT) as Book).label).toBe('x');
  });

  it.each<[string, StoredValue, string]>([
    ['a date', { $date: '2026-01-01T00:00:00.000Z' }, 'is not an object'],
    ['a list', [], 'is not an object'],
    ['a date that is none', { on: { $date: 'soon' } }, 'on is an invalid Date'],
    ['a wrapped object that is none', { on: { $object: null } }, 'is nested too deep, or not in the form in which values are stored'],
    ['U+0000', { parcel: 'a\0b' }, 'parcel contains U+0000'],
    ['too much', { parcel: 'p'.repeat(LIMIT) }, `has ${LIMIT + 13} bytes, the limit (maxPayload) is ${LIMIT}`],
    ['101 levels', nested(101), 'is nested deeper than 100 levels'],
    ['more levels than can be walked', nested(100_000), 'is nested too deep'],
  ])('R5: refuses %s, and says where it stands', (_, payload, why) => {
    expect(() => rehydrate(Book, payload, LIMIT)).toThrow(PayloadFault);
    expect(() => rehydrate(Book, payload, LIMIT)).toThrow(why);
  });

  it('takes 100 levels', () => {
    expect(rehydrate(Book, nested(100), LIMIT)).toBeInstanceOf(Book);
  });
});

/** An object in which lists stand inside one another, so many levels in all. */
function nested(levels: number): StoredValue {
  const lists = levels - 1;
  return { a: JSON.parse(`${'['.repeat(lists)}${']'.repeat(lists)}`) as StoredValue };
}
