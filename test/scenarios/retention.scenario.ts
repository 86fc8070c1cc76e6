import { Command, CommandBus } from '@nestjs/cqrs';
import {
  AwaitSignal,
  child,
  Compensate,
  SagaCompensatedError,
  SagaConflictError,
  SagaContext,
  SagaDefinition,
  SagaEmptiedError,
  type SagaHandle,
  SagaNotFoundError,
  SagaOperationError,
  SagaSignalError,
  SagaStep,
  SagaStuckError,
  StepRejected,
  toMermaid,
} from 'nestjs-sagas';

import { SagaRuntime } from '../../libs/saga/src/execution/saga-runtime.js';
import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type SagaApp, type StoryStore } from '../support/saga-app.js';
import { World } from '../support/world.js';

class PlaceOrder extends Command<string> {
  constructor(
    readonly orderId: string,
    readonly cents: number,
  ) {
    super();
  }
}

@SagaDefinition<PlaceOrder>({ name: 'order', key: ({ orderId }) => orderId, startedBy: PlaceOrder })
class OrderSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async pay({ input }: SagaContext<PlaceOrder>) {
    this.world.did(`pay ${input.orderId}`);
    if (input.cents > 1_000) throw new StepRejected('LIMIT', 'too much');
    return input.cents;
  }
  @Compensate('pay')
  async refund({ input }: SagaContext<PlaceOrder>) {
    if (input.cents === 13) throw new StepRejected('UNLUCKY');
    this.world.did(`refund ${input.orderId}`);
  }
}

@SagaDefinition({ name: 'parcel' })
class ParcelSaga {
  @AwaitSignal('arrived')
  arrive(_: SagaContext<{ parcel: number }>) {
    return 'arrived';
  }
}

@SagaDefinition({ name: 'delivery', key: ({ parcels }: { parcels: number[] }) => parcels.join() })
class DeliverySaga {
  @SagaStep({ kind: 'child', each: ({ input }: SagaContext<{ parcels: number[] }>) => input.parcels })
  ship({ item }: SagaContext<{ parcels: number[] }, DeliverySaga, number>) {
    return child(ParcelSaga, { parcel: item });
  }
}

/** And a second: the clock of a node may be a moment ahead of its store. */
const HOUR_MS = 3_601_000;
const sagas = [OrderSaga, ParcelSaga, DeliverySaga];
/** The lease outlives what passes. */
const options = { retention: '1h', worker: { lease: '20d' } } as const;
const by = { operator: 'ann', reason: 'late' };

const sweep = async (app: SagaApp): Promise<void> => app.get(SagaRuntime).retention?.sweep();

export function tellRetention(store: StoryStore): void {
  describeStory('after its retention', store, ({ boot, place, world }) => {
    const endedOrder = async (app: SagaApp, cents = 5): Promise<SagaHandle<OrderSaga>> => {
      const order = await app.sagas.start(OrderSaga, { orderId: 'o-1', cents }, { metadata: { tenant: 'blue' } });
      await order.result().catch(() => undefined);
      return order;
    };

    it('R6: a redelivered start or command finds the saga by its key, and starts nothing', async () => {
      const app = await boot({ sagas, options });
      const order = await endedOrder(app);
      await place().pass(HOUR_MS);
      await sweep(app);
      const again = await app.sagas.start(OrderSaga, { orderId: 'o-1', cents: 5 });
      expect([again.id, again.created]).toEqual([order.id, false]);
      expect(await app.get(CommandBus).execute(new PlaceOrder('o-1', 5))).toBe(order.id);
      expect((await app.sagas.findByKey(OrderSaga, 'o-1'))?.id).toBe(order.id);
      await errorOf(app.sagas.start(OrderSaga, { orderId: 'o-1', cents: 6 }), SagaConflictError);
      expect(world().deeds).toEqual(['pay o-1']);
    });

    it('R6: whoever asks the saga for what was deleted learns how and when it ended', async () => {
      const app = await boot({ sagas, options });
      const order = await endedOrder(app);
      await place().pass(HOUR_MS);
      await sweep(app);
      const view = await order.view();
      expect(view).toEqual({
        ...{ id: order.id, name: 'order', version: 1, key: 'o-1', status: 'completed', paused: false, input: undefined, metadata: {} },
        ...{ failure: null, waitingFor: null, steps: [], startedAt: expect.any(Date), endedAt: expect.any(Date), emptied: true },
      });
      const ended = `order ${order.id} ended as completed at ${view.endedAt?.toISOString()}, and its journal and results were deleted after \`retention\``;
      for (const ask of [() => order.result(), () => order.journal()]) {
        const error = await errorOf(ask(), SagaEmptiedError);
        expect(error).toMatchObject({
          code: 'SAGA_EMPTIED',
          saga: 'order',
          sagaId: order.id,
          message: `${ended}. view() shows what is left.`,
        });
      }
      const commands = [
        () => order.compensate(by),
        () => order.retry(by),
        () => order.pause(by),
        () => order.resume(by),
        () => order.skip('pay', by),
      ];
      for (const command of commands)
        expect((await errorOf(command(), SagaOperationError)).message).toBe(
          `${ended}. It takes no command any more: what is still to be done is a saga of its own. Nothing was changed.`,
        );
      expect((await errorOf(order.signal('any'), SagaSignalError)).message).toBe(`${ended}. Signal 'any' was not sent.`);
      expect(await order.cancel('too late')).toEqual({ accepted: false });
      expect(toMermaid(view)).toContain('note["its journal and results were deleted after its retention"]');
      expect((await app.sagas.find({ status: 'completed', key: 'o-1' })).items).toEqual([view]);
    });

    it('R6: a compensated one says so, without why', async () => {
      const app = await boot({ sagas, options });
      const order = await endedOrder(app, 5_000);
      await place().pass(HOUR_MS);
      await sweep(app);
      expect((await errorOf(order.result(), SagaEmptiedError)).message).toContain('ended as compensated at ');
      expect(await order.view()).toMatchObject({ status: 'compensated', failure: null });
    });

    it('R6: a saga without a key is gone', async () => {
      const app = await boot({ sagas, options });
      const parcel = await app.sagas.start(ParcelSaga, { parcel: 1 });
      await parcel.signal('arrived');
      await parcel.result();
      await place().pass(HOUR_MS);
      await sweep(app);
      expect((await errorOf(parcel.view(), SagaNotFoundError)).message).toContain('once it has ended it is deleted after `retention`');
      expect((await app.sagas.find()).items).toEqual([]);
    });

    it('R6: once its key’s retention is over, a start with it is a new saga', async () => {
      const app = await boot({ sagas, options: { ...options, keyRetention: '2h' } });
      const order = await endedOrder(app);
      for (const passed of [false, true]) {
        await place().pass(HOUR_MS);
        await sweep(app);
        const again = await app.sagas.start(OrderSaga, { orderId: 'o-1', cents: 5 });
        expect([again.created, again.id === order.id]).toEqual([passed, !passed]);
        if (passed) expect(await again.result()).toEqual({ pay: 5 });
      }
      expect(world().deeds).toEqual(['pay o-1', 'pay o-1']);
    });

    it('R6, R16: one that an operator takes back in time is kept from its new end on', async () => {
      const before = await boot({ sagas, options });
      const { id } = await endedOrder(before);
      await before.close();
      await place().pass(HOUR_MS);
      // It knows what time it is now.
      const app = await boot({ sagas, options });
      const order = app.sagas.get(OrderSaga, id);
      await order.compensate(by);
      await sweep(app);
      await errorOf(order.result(), SagaCompensatedError);
      await place().pass(HOUR_MS / 2);
      await sweep(app);
      expect((await order.journal()).at(-1)?.kind).toBe('saga-compensated');
      await place().pass(HOUR_MS);
      await sweep(app);
      expect((await order.view()).emptied).toBe(true);
    });

    it('R6: what is stuck, paused or waits is kept', async () => {
      const app = await boot({ sagas, options });
      const order = await endedOrder(app, 13);
      await order.compensate(by);
      await errorOf(order.result(), SagaStuckError);
      const parcels = [await app.sagas.start(ParcelSaga, { parcel: 1 }), await app.sagas.start(ParcelSaga, { parcel: 2 })] as const;
      await parcels[1].pause(by);
      await place().pass(100 * HOUR_MS);
      await sweep(app);
      const kept = await Promise.all([order, ...parcels].map(async (saga) => (await saga.journal()).length > 1));
      expect(kept).toEqual([true, true, true]);
    });

    it('R31: a parent goes together with its children, after the last of them', async () => {
      const before = await boot({ sagas, options });
      const { id } = await before.sagas.start(DeliverySaga, { parcels: [1, 2] });
      const underWay = await eventually(
        async () => (await before.sagas.find({ name: 'parcel' })).items,
        ({ length }) => length === 2,
      );
      const [first = '', second = ''] = underWay.map((parcel) => parcel.id);
      await before.sagas.get(first).signal('arrived');
      await before.sagas.get(first).result();
      await before.close();
      await place().pass(HOUR_MS);
      // It knows what time it is now.
      const app = await boot({ sagas, options });
      await sweep(app);
      await app.sagas.get(second).signal('arrived');
      expect(await app.sagas.get(DeliverySaga, id).result()).toEqual({ ship: [{ arrive: 'arrived' }, { arrive: 'arrived' }] });
      await place().pass(HOUR_MS - 60_000);
      await sweep(app);
      for (const saga of [id, first, second]) expect((await app.sagas.get(saga).journal()).length).toBeGreaterThan(1);
      await place().pass(60_000);
      await sweep(app);
      for (const parcel of [first, second]) await errorOf(app.sagas.get(parcel).view(), SagaNotFoundError);
      expect((await app.sagas.get(id).view()).emptied).toBe(true);
      const said = app.logger.of('Saga').map(({ text }) => text);
      expect(said).toContain('deleted 3 ended sagas after their retention, and the keys of 0');
    });

    it("R6: with retention: 'forever' nothing is deleted", async () => {
      const app = await boot({ sagas, options: { ...options, retention: 'forever' } });
      const order = await endedOrder(app);
      await place().pass(400 * HOUR_MS);
      await sweep(app);
      expect(await order.result()).toEqual({ pay: 5 });
    });
  });
}
