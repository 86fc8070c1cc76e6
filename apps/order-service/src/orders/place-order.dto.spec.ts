import 'reflect-metadata';

import { ValidationPipe, type BadRequestException } from '@nestjs/common';

import { PlaceOrderDto } from './place-order.dto.js';

const GOOD = {
  orderId: 'order-1',
  customerId: 'ann',
  card: '4242-4242-4242-4242',
  destination: 'Bern',
  lines: [
    { sku: 'OAK-TABLE', quantity: 1, cents: 48_900 },
    { sku: 'CLAY-POT', quantity: 3, cents: 2_450 },
  ],
};

const pipe = new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true });
const read = (body: unknown): Promise<PlaceOrderDto> =>
  pipe.transform(body, { type: 'body', metatype: PlaceOrderDto }) as Promise<PlaceOrderDto>;

async function refusals(body: unknown): Promise<string[]> {
  const error = await read(body).then(
    () => null,
    (reason: BadRequestException) => reason,
  );
  return error ? (error.getResponse() as { message: string[] }).message : [];
}

describe('the body of POST /orders', () => {
  it('becomes a command, its lines numbered and summed up', async () => {
    const command = (await read(GOOD)).toCommand();
    expect(command.cents).toBe(48_900 + 3 * 2_450);
    expect(command.lines.map(({ line, sku }) => [line, sku])).toEqual([
      [1, 'OAK-TABLE'],
      [2, 'CLAY-POT'],
    ]);
  });

  it.each([{}, undefined])('names every field that is missing', async (body) => {
    const named = (await refusals(body)).map((message) => message.split(' ')[0]);
    expect(new Set(named)).toEqual(new Set(['orderId', 'customerId', 'card', 'destination', 'lines']));
  });

  it.each([
    ['an id with a slash', { orderId: 'a/b' }, 'orderId'],
    ['a card that is none', { card: '4242' }, 'card'],
    ['a destination that cannot be stored', { destination: 'Be\u0000rn' }, 'destination'],
    ['no lines', { lines: [] }, 'lines'],
    ['lines that are no list', { lines: 'CLAY-POT' }, 'lines'],
    ['a line that is no object', { lines: ['CLAY-POT'] }, 'lines'],
    ['half a pot', { lines: [{ sku: 'CLAY-POT', quantity: 0.5, cents: 2_450 }] }, 'lines.0.quantity'],
    ['a price below zero', { lines: [{ sku: 'CLAY-POT', quantity: 1, cents: -1 }] }, 'lines.0.cents'],
    ['a field that nobody knows', { coupon: 'X' }, 'coupon'],
  ])('refuses %s, and names the field', async (_, change, field) => {
    const messages = await refusals({ ...GOOD, ...change });
    expect(messages).not.toEqual([]);
    for (const message of messages) expect(message).toContain(field);
  });
});
