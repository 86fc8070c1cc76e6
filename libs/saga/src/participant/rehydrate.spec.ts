import { Command } from '@nestjs/cqrs';

import { encodePayload, type StoredValue } from '../planning/payload.js';
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

const overTheWire = (value: unknown): StoredValue => JSON.parse(JSON.stringify(encodePayload(value, 10_000))) as StoredValue;

describe('rehydrate', () => {
  it('gives an instance of the class, dates and methods included, without calling its constructor', () => {
    const sent = new Book('p-1', new Date(0));
    const received = rehydrate(Book, overTheWire(sent));
    expect(received).toBeInstanceOf(Book);
    expect(received).toEqual(sent);
    expect((received as Book).label).toBe('p-1!');
  });

  it('takes a key such as __proto__ for a key', () => {
    const received = rehydrate(Book, JSON.parse('{ "__proto__": { "admin": true } }') as StoredValue);
    expect(Object.getPrototypeOf(received)).toBe(Book.prototype);
    expect(received).not.toHaveProperty('admin');
  });

  it('does not run setters, nor trip over getters', () => {
    expect((rehydrate(Book, { label: 'x' }) as Book).label).toBe('x');
  });

  it('refuses what is no object once it is read', () => {
    expect(() => rehydrate(Book, { $date: '2026-01-01T00:00:00.000Z' })).toThrow('The payload of Book is not an object.');
  });
});
