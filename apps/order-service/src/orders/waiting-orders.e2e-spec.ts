import { INVENTORY, PAYMENT, SHIPPING } from 'contracts';
import { StepRejected } from 'nestjs-sagas';

import { eventually } from '../../../../test/support/eventually.js';
import { startWillingParticipant, type WillingParticipant } from '../../../../test/support/willing-participant.js';
import { type Answer, type OrderApplication, startOrderApplication } from './order-application.fixture.js';

/** To make a database, and to drop it. */
const SLOW_MACHINE_MS = 30_000;

type Payload = { readonly orderId: string; readonly sku: string; readonly warehouse: string; readonly destination: string };

const trackingIdOf = ({ orderId, warehouse }: Pick<Payload, 'orderId' | 'warehouse'>): string => `track_${orderId}_${warehouse}`;

/** Pots lie in the south, and no carrier goes from there to Atlantis. */
const RESULTS = {
  'inventory.reserve-stock': ({ sku }: Payload) => ({ warehouse: sku === 'CLAY-POT' ? 'south' : 'north' }),
  'payment.authorize': ({ orderId }: Payload) => ({ authorizationId: `auth_${orderId}` }),
  'payment.capture': ({ orderId }: Payload) => ({ captureId: `cap_${orderId}` }),
  'shipping.book': (payload: Payload) => {
    if (payload.warehouse === 'south' && payload.destination === 'Atlantis') throw new StepRejected('NO_CARRIER');
    return { trackingId: trackingIdOf(payload) };
  },
};

const order = (orderId: string, quantity: number) => ({
  orderId,
  customerId: 'ann',
  card: '4242-4242-4242-4242',
  destination: 'Bern',
  lines: [{ sku: 'OAK-TABLE', quantity, cents: 50_000 }],
});

describe('an order that waits for a person, and then for its delivery', () => {
  let participant: WillingParticipant;
  let app: OrderApplication;

  beforeAll(async () => {
    participant = await startWillingParticipant([INVENTORY, PAYMENT, SHIPPING], RESULTS);
    app = await startOrderApplication(participant.port);
  }, SLOW_MACHINE_MS);

  afterAll(async () => {
    await app.close();
    await participant.close();
  }, SLOW_MACHINE_MS);

  const get = (orderId: string): Promise<Answer> => app.request('GET', `/orders/${orderId}`);
  const waitsFor = (name: string) => (body: unknown) =>
    (body as { saga: { waitingFor?: { name?: string } } }).saga.waitingFor?.name === name;
  const hasStatus = (status: string) => (body: unknown) => (body as { saga: { status: string } }).saga.status === status;
  const becomes = (orderId: string, isIt: (body: unknown) => boolean) =>
    eventually(
      () => get(orderId),
      ({ body }) => isIt(body),
    );
  const placed = async (orderId: string, quantity: number): Promise<void> =>
    void (await app.request('POST', '/orders', order(orderId, quantity)));
  const place = async (orderId: string): Promise<void> => {
    await placed(orderId, 4);
    await becomes(orderId, waitsFor('approval'));
  };

  it('shows that it waits, and until when, by itself and among the others', async () => {
    await place('asked');
    const { body } = await get('asked');
    expect(body).toMatchObject({ state: 'PENDING', approvedBy: null, saga: { waitingFor: { kind: 'signal', until: expect.any(String) } } });
    const { until } = (body as { saga: { waitingFor: { until: string } } }).saga.waitingFor;
    expect(await app.request('GET', '/approvals')).toEqual({
      status: 200,
      body: { items: [{ orderId: 'asked', customerId: 'ann', cents: 200_000, placedAt: expect.any(String), until }] },
    });
  });

  it('goes on once it is approved, and is closed by its delivery, however often that is said', async () => {
    expect(await app.request('POST', '/orders/asked/approve', { by: 'eve' })).toEqual({
      status: 202,
      body: { orderId: 'asked', approved: true },
    });
    const { body } = await becomes('asked', waitsFor('deliver-parcel'));
    expect(body).toMatchObject({ state: 'APPROVED', approvedBy: 'eve', trackingIds: ['track_asked_north'] });

    const delivery = { trackingId: 'track_asked_north', at: '2026-01-02T03:04:05.000Z' };
    for (const at of [delivery.at, '2026-02-02T03:04:05.000Z']) await app.request('POST', '/deliveries', { ...delivery, at });
    const { body: closed } = await becomes('asked', hasStatus('completed'));
    expect(closed).toMatchObject({ state: 'DELIVERED', deliveredAt: delivery.at });
    expect(await app.request('POST', '/deliveries', delivery)).toEqual({
      status: 200,
      body: { trackingId: 'track_asked_north', delivered: true },
    });
  });

  it('is undone where the person declines it', async () => {
    await place('declined');
    const decision = { by: 'eve', reason: 'too much' };
    expect(await app.request('POST', '/orders/declined/decline', decision)).toMatchObject({ status: 202, body: { approved: false } });
    const { body } = await becomes('declined', hasStatus('compensated'));
    expect(body).toMatchObject({ state: 'REJECTED', reason: 'ORDER_DECLINED', saga: { failure: { message: 'eve: too much' } } });
  });

  it('is decided once: the first decision counts, and may be said again', async () => {
    expect(await app.request('POST', '/orders/asked/approve', { by: 'eve' })).toMatchObject({ status: 202 });
    expect(await app.request('POST', '/orders/asked/decline', { by: 'bob', reason: 'too much' })).toMatchObject({
      status: 409,
      body: { message: 'order asked was approved by eve before' },
    });

    await place('raced');
    const decisions = ['ann', 'bob', 'eve'].map((by) => app.request('POST', '/orders/raced/approve', { by }));
    const answers = (await Promise.all(decisions)).map(({ status }) => status);
    expect(answers.toSorted((a, b) => a - b)).toEqual([202, 409, 409]);
  });

  it('does not wait any more once its shopper takes it back', async () => {
    await place('cancelled');
    await app.request('POST', '/orders/cancelled/cancel', { reason: 'changed my mind' });
    await becomes('cancelled', hasStatus('compensated'));
    expect(await app.request('POST', '/orders/cancelled/approve', { by: 'eve' })).toMatchObject({
      status: 409,
      body: { message: 'order cancelled does not wait for approval: it needs none, is not that far yet, or waits no longer' },
    });
  });

  it('waits for nobody below the limit', async () => {
    await placed('small', 3);
    const { body } = await becomes('small', waitsFor('deliver-parcel'));
    expect(body).toMatchObject({ state: 'APPROVED', approvedBy: null });
  });

  it('travels in a parcel from each warehouse, and is closed by the last delivery', async () => {
    const pots = { sku: 'CLAY-POT', quantity: 1, cents: 2_450 };
    await app.request('POST', '/orders', { ...order('split', 1), lines: [...order('split', 1).lines, pots, pots] });
    const { body } = await becomes('split', waitsFor('deliver-parcel'));
    expect(body).toMatchObject({ state: 'APPROVED', trackingIds: ['track_split_north', 'track_split_south'] });

    const deliver = (warehouse: string, at: string) => app.request('POST', '/deliveries', { trackingId: `track_split_${warehouse}`, at });
    const say = (warehouse: string, at: string) =>
      eventually(
        () => deliver(warehouse, at),
        ({ status }) => status === 200,
      );
    await say('south', '2026-01-03T00:00:00.000Z');
    expect((await get('split')).body).toMatchObject({ state: 'APPROVED', deliveredAt: null });
    await say('north', '2026-01-02T00:00:00.000Z');
    const { body: closed } = await becomes('split', hasStatus('completed'));
    expect(closed).toMatchObject({ state: 'DELIVERED', deliveredAt: '2026-01-03T00:00:00.000Z' });
  });

  it('takes the one parcel back where the other finds no carrier', async () => {
    const pots = { sku: 'CLAY-POT', quantity: 1, cents: 2_450 };
    await app.request('POST', '/orders', { ...order('halved', 1), destination: 'Atlantis', lines: [...order('halved', 1).lines, pots] });
    const { body } = await becomes('halved', hasStatus('compensated'));
    expect(body).toMatchObject({ state: 'REJECTED', reason: 'NO_CARRIER' });
    const shipping = participant.received
      .map(([command, payload]) => ({ command, ...(payload as unknown as Payload) }))
      .filter(({ command, orderId, warehouse }) => command.startsWith('shipping.') && orderId === 'halved' && warehouse === 'north');
    expect(shipping.map(({ command }) => command).slice(-1)).toEqual(['shipping.cancel']);
  });

  it('names what is wrong with a decision, and with a delivery', async () => {
    const wrong = async (path: string, body: object) =>
      (await app.request('POST', path, body)) as { status: number; body: { message: string[] } };
    const decision = await wrong('/orders/small/decline', { by: '', reason: 7 });
    expect([decision.status, decision.body.message]).toEqual([
      400,
      ['reason must be 1 to 200 printable characters', 'by must be 1 to 200 printable characters'],
    ]);
    const delivery = await wrong('/deliveries', { at: 'soon' });
    expect([delivery.status, delivery.body.message.map((line) => line.split(' ')[0])]).toEqual([400, ['trackingId', 'at']]);
  });
});
