import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

import { type OrderApplication, startOrderApplication } from './order-application.fixture.js';

/** To make a database, and to drop it. */
const SLOW_MACHINE_MS = 30_000;

const ORDER = {
  orderId: 'order-1',
  customerId: 'ann',
  card: '4242-4242-4242-4242',
  destination: 'Bern',
  lines: [{ sku: 'CLAY-POT', quantity: 2, cents: 2_450 }],
};

/** Takes every connection and never answers: an order gets as far as its first command, and stays under way. */
function silentParticipant() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  return {
    async listen(): Promise<number> {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return (server.address() as AddressInfo).port;
    },
    close(): void {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('the HTTP API of the orders, with participants that are silent', () => {
  const participant = silentParticipant();
  let app: OrderApplication;
  const request: OrderApplication['request'] = (...asked) => app.request(...asked);

  beforeAll(async () => {
    app = await startOrderApplication(await participant.listen());
  }, SLOW_MACHINE_MS);

  afterAll(async () => {
    // First, so that no command is still waited for when the app drains.
    participant.close();
    await app.close();
  }, SLOW_MACHINE_MS);

  it('R6: an order that is sent twice is one order', async () => {
    const first = await request('POST', '/orders', ORDER);
    const second = await request('POST', '/orders', ORDER);
    expect(first).toMatchObject({ status: 202, body: { orderId: 'order-1', created: true } });
    expect(second).toEqual({ status: 200, body: { ...(first.body as object), created: false } });
  });

  it('R6: the same id with other content is a conflict', async () => {
    expect(await request('POST', '/orders', { ...ORDER, destination: 'Oslo' })).toMatchObject({ status: 409 });
  });

  it('shows an order as soon as it is accepted', async () => {
    await request('POST', '/orders', { ...ORDER, orderId: 'order-2' });
    const { status, body } = await request('GET', '/orders/order-2');
    expect(status).toBe(200);
    expect(body).toMatchObject({ orderId: 'order-2', state: 'PENDING', cents: 4_900, lines: [{ line: 1, sku: 'CLAY-POT' }] });
  });

  it('tells what happened to an order', async () => {
    const { body } = await request('GET', '/orders/order-1/journal');
    const [started, first] = body as readonly Record<string, unknown>[];
    expect(started).toMatchObject({ sequence: 1, kind: 'saga-started' });
    expect(first).toMatchObject({ sequence: 2, kind: 'attempt-started', step: 'createOrder', direction: 'forward', attempt: 1 });
  });

  it('cancels an order that is under way', async () => {
    expect(await request('POST', '/orders/order-1/cancel', { reason: 'changed my mind' })).toEqual({
      status: 202,
      body: { accepted: true },
    });
  });

  it('knows no other order', async () => {
    for (const path of ['/orders/order-9', '/orders/order-9/journal']) expect(await request('GET', path)).toMatchObject({ status: 404 });
    const decision = { by: 'eve', reason: 'x' };
    expect(await request('POST', '/orders/order-9/cancel', { reason: 'x' })).toMatchObject({ status: 404 });
    expect(await request('POST', '/orders/order-9/approve', { by: 'eve' })).toMatchObject({ status: 404 });
    expect(await request('POST', '/orders/order-9/decline', decision)).toMatchObject({ status: 404 });
  });

  it('knows no parcel that was not booked', async () => {
    expect(await request('POST', '/deliveries', { trackingId: 'track_1' })).toMatchObject({
      status: 404,
      body: { message: 'no parcel track_1 is on its way' },
    });
  });

  it('names the fields of a bad order', async () => {
    const { status, body } = await request('POST', '/orders', { ...ORDER, card: 4242, lines: [] });
    expect(status).toBe(400);
    expect((body as { message: string[] }).message.map((line) => line.split(' ')[0])).toEqual(['card', 'lines']);
  });
});
