import { parseOrders } from './orders-file.js';

const ORDER = {
  orderId: 'o-1',
  customerId: 'ann',
  card: '4242-4242-4242-4242',
  destination: 'Bern',
  lines: [{ sku: 'CLAY-POT', quantity: 2, cents: 2_450 }],
};

const reasonOf = (value: unknown): string | undefined => parseOrders(JSON.stringify(value)).badLines[0]?.reason;

describe('an orders file', () => {
  it('gives the orders with their line numbers, and passes over empty lines', () => {
    const text = `\uFEFF${JSON.stringify(ORDER)}\r\n\r\n  \n${JSON.stringify({ ...ORDER, orderId: 'o-2' })}`;
    expect(parseOrders(text)).toEqual({
      orders: [
        { lineNumber: 1, order: ORDER },
        { lineNumber: 4, order: { ...ORDER, orderId: 'o-2' } },
      ],
      badLines: [],
    });
  });

  it('keeps the reason of a cancel apart from the order that is sent', () => {
    expect(parseOrders(JSON.stringify({ ...ORDER, cancel: 'changed my mind' })).orders).toEqual([
      { lineNumber: 1, order: ORDER, cancel: 'changed my mind' },
    ]);
  });

  it('keeps what a person says of the order apart, too', () => {
    const text = [
      { ...ORDER, decline: 'too much' },
      { ...ORDER, unattended: true },
    ]
      .map((line) => JSON.stringify(line))
      .join('\n');
    expect(parseOrders(text).orders).toEqual([
      { lineNumber: 1, order: ORDER, decline: 'too much' },
      { lineNumber: 2, order: ORDER, unattended: true },
    ]);
    expect(reasonOf({ ...ORDER, decline: '', unattended: false })).toBe(
      'decline must be text that is not empty; unattended must be true, or left out; decline and unattended exclude each other',
    );
  });

  it('reports a bad line by its number, and goes on', () => {
    const { orders, badLines } = parseOrders(`{"orderId"\n${JSON.stringify(ORDER)}\n[1]\n`);
    expect(orders.map(({ lineNumber }) => lineNumber)).toEqual([2]);
    expect(badLines).toEqual([
      { lineNumber: 1, reason: expect.stringMatching(/^not JSON \(/) },
      { lineNumber: 3, reason: 'not an object' },
    ]);
  });

  it('names every field that is missing or wrong', () => {
    expect(reasonOf({ orderId: ' ', customerId: 7, card: 'c', lines: [] })).toBe(
      'orderId must be text that is not empty; customerId must be text that is not empty; destination must be text that is not empty; lines must be a list with at least one line',
    );
    expect(reasonOf({ ...ORDER, lines: [ORDER.lines[0], { sku: '', quantity: 0, cents: 1.5 }, null] })).toBe(
      'lines[1].sku must be text that is not empty; lines[1].quantity must be a whole number from 1 on; lines[1].cents must be a whole number from 1 on; lines[2] must be an object',
    );
  });

  it('names a field that it does not know: it would be lost in silence', () => {
    expect(reasonOf({ ...ORDER, colour: 'red' })).toBe('the unknown field "colour"');
    expect(reasonOf({ ...ORDER, lines: [{ ...ORDER.lines[0], price: 3 }] })).toBe('lines[0] has the unknown field "price"');
    expect(reasonOf({ ...ORDER, cancel: true })).toBe('cancel must be text that is not empty');
  });
});
