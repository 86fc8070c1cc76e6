import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';
import { Injectable } from '@nestjs/common';

import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

@SagaDefinition({ name: 'side-by-side' })
class SideBySideSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly', after: [] })
  async hotel() {
    await this.world.gate('hotel').pass();
    return 'hotel';
  }

  @SagaStep({ kind: 'readonly', after: [] })
  async flight() {
    await this.world.gate('flight').pass();
    return 'flight';
  }

  @SagaStep({ kind: 'readonly', after: ['hotel', 'flight'] })
  async itinerary({ results }: SagaContext<unknown, SideBySideSaga>) {
    return `${results.hotel}, ${results.flight}`;
  }
}

@Injectable()
abstract class Opening {
  constructor(readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async unlock() {
    this.world.did('unlock');
  }

  @SagaStep({ kind: 'readonly' })
  async lights() {
    this.world.did('lights of the base');
  }
}

@SagaDefinition({ name: 'opening-the-shop' })
class OpeningTheShopSaga extends Opening {
  @SagaStep({ kind: 'readonly' })
  async coffee() {
    this.world.did('coffee');
  }

  @SagaStep({ kind: 'readonly' })
  override async lights() {
    this.world.did('lights of the shop');
  }
}

interface Parcel {
  readonly sku: string;
  readonly readyBy: Date;
}

interface Shipment {
  readonly parcels: readonly Parcel[];
  readonly insured?: boolean;
  readonly concurrency?: number;
}

@SagaDefinition<Shipment>({ name: 'shipping', retry: { attempts: 2 } })
class ShippingSaga {
  asked = 0;

  constructor(private readonly world: World) {}

  @SagaStep({ when: ({ input }: SagaContext<Shipment>) => input.insured === true })
  async insure(): Promise<string | undefined> {
    this.world.did('insure');
    return 'insured';
  }

  @Compensate('insure')
  async uninsure() {
    this.world.did('uninsure');
  }

  @SagaStep({ each: ({ input }: SagaContext<Shipment>) => input.parcels, concurrency: 2 })
  async pack(context: SagaContext<Shipment, ShippingSaga, Parcel>) {
    const { item } = context;
    this.world.did(`pack ${item.sku}`, context);
    if (item.sku === 'sold out') throw new StepRejected('SOLD_OUT', `${item.sku} is sold out`);
    await this.world.gate(item.sku).pass();
    return `${item.sku} by ${item.readyBy.getUTCFullYear()}`;
  }

  @Compensate('pack')
  async unpack({ item, idempotencyKey, forwardIdempotencyKey }: SagaContextOfUnpack, packed: string | undefined) {
    this.world.did(`unpack ${item.sku}: ${packed}`);
    this.world.did(`${forwardIdempotencyKey} -> ${idempotencyKey}`);
  }

  @SagaStep({ kind: 'readonly', each: ({ input }: SagaContext<Shipment>) => (input.insured ? input.parcels : []) })
  async label({ item }: SagaContext<Shipment, ShippingSaga, Parcel>) {
    return `label of ${item.sku}`;
  }

  @SagaStep({ kind: 'readonly' })
  async count({ results }: SagaContext<Shipment, ShippingSaga>) {
    return { packed: results.pack.length, labels: results.label.length, insured: results.insure ?? 'no' };
  }
}

type SagaContextOfUnpack = SagaContext<Shipment, ShippingSaga, Parcel> & { readonly forwardIdempotencyKey: string };

@SagaDefinition<{ list: boolean }>({ name: 'bad-conditions' })
class BadConditionsSaga {
  @SagaStep({ kind: 'readonly' })
  async first() {
    return 1;
  }

  @SagaStep({
    kind: 'readonly',
    each: ({ input }: SagaContext<{ list: boolean }>) => {
      if (input.list) return [1, new Map<string, string>()];
      throw new Error('no list today');
    },
  })
  async second({ item }: SagaContext<{ list: boolean }, BadConditionsSaga, number | Map<string, string>>) {
    return item;
  }
}

const parcels = (...skus: readonly string[]): readonly Parcel[] => skus.map((sku) => ({ sku, readyBy: new Date(Date.UTC(2030, 0, 1)) }));

export function tellBranchesAndConditions(store: StoryStore): void {
  describeStory('branches and conditions', store, ({ boot, world, survives }) => {
    survives('R7: branches with after: [] run side by side, and what needs both waits for both', [SideBySideSaga], async (app) => {
      const saga = await app.sagas.start(SideBySideSaga, {});
      await Promise.all([world().gate('hotel').reached, world().gate('flight').reached]);
      world().gate('flight').open();
      await eventually(
        async () => (await saga.view()).steps[1]?.status,
        (status) => status === 'succeeded',
      );
      expect((await saga.view()).steps.map(({ status }) => status)).toEqual(['started', 'succeeded', 'pending']);
      world().gate('hotel').open();
      expect(await saga.result()).toEqual({ hotel: 'hotel', flight: 'flight', itinerary: 'hotel, flight' });
    });

    survives(
      "R7: inherited steps come first, in their base's order, and an overriding method keeps the base's place",
      [OpeningTheShopSaga],
      async (app) => {
        await (await app.sagas.start(OpeningTheShopSaga, {})).result();
        expect(world().deeds).toEqual(['unlock', 'lights of the shop', 'coffee']);
      },
    );

    survives(
      'R8: a step whose condition is not met is skipped, and what fans out over nothing leaves an empty list',
      [ShippingSaga],
      async (app) => {
        const saga = await app.sagas.start(ShippingSaga, { parcels: [] });
        expect(await saga.result()).toEqual({ insure: undefined, pack: [], label: [], count: { packed: 0, labels: 0, insured: 'no' } });
        expect(world().deeds).toEqual([]);
        expect((await saga.view()).steps[0]).toMatchObject({ step: 'insure', status: 'skipped', attempts: 0 });
      },
    );

    survives(
      'R8: items run within their bound, each under a key of its own, and results keep the order of the items',
      [ShippingSaga],
      async (app, calmly) => {
        const saga = await app.sagas.start(ShippingSaga, { parcels: parcels('a', 'b', 'c'), insured: true });
        await Promise.all([world().gate('a').reached, world().gate('b').reached]);
        expect(world().gate('c').came).toBe(0);
        world().gate('b').open();
        await world().gate('c').reached;
        world().gate('c').open();
        await eventually(
          async () => (await saga.view()).steps[1]?.items?.[2]?.status,
          (status) => status === 'succeeded',
        );
        world().gate('a').open();
        expect(await saga.result()).toMatchObject({
          pack: ['a by 2030', 'b by 2030', 'c by 2030'],
          label: ['label of a', 'label of b', 'label of c'],
          count: { packed: 3, labels: 3, insured: 'insured' },
        });
        await calmly(() => {
          expect([...world().calls]).toEqual([0, 1, 2].map((item) => [`${saga.id}:pack[${item}]`, 1]));
        });
      },
    );

    it('R8, R14: one item is refused: those that succeeded are undone one by one, and no further item starts', async () => {
      const app = await boot({ sagas: [ShippingSaga] });
      world().gate('a').open();
      const saga = await app.sagas.start(ShippingSaga, { parcels: parcels('a', 'sold out', 'never packed') });
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({ step: 'pack', kind: 'rejected', code: 'SOLD_OUT', message: 'item 1: sold out is sold out' });
      expect(world().deeds.filter((deed) => !deed.startsWith('pack'))).toEqual([
        'unpack a: a by 2030',
        `${saga.id}:pack[0] -> ${saga.id}:pack[0]:compensation`,
      ]);
      expect((await saga.view()).steps[1]?.items?.map(({ status }) => status).slice(0, 2)).toEqual(['succeeded', 'failed']);
    });

    survives('R8: the items are recorded once, and dates in them are dates', [ShippingSaga], async (app) => {
      world().gate('a').open();
      const saga = await app.sagas.start(ShippingSaga, { parcels: parcels('a') });
      await saga.result();
      expect((await saga.journal()).find(({ kind }) => kind === 'step-fanned-out')).toMatchObject({
        step: 'pack',
        details: { items: [{ sku: 'a', readyBy: new Date(Date.UTC(2030, 0, 1)) }] },
      });
    });

    it.each([
      [
        true,
        'when or each of second threw: [1] is a Map and does not survive storage; use plain objects, lists, strings, numbers and dates',
      ],
      [false, 'when or each of second threw: no list today'],
    ])('R8: an each that throws, or gives what cannot be stored (%p), fails the step, and nothing ran', async (list, message) => {
      const app = await boot({ sagas: [BadConditionsSaga] });
      const saga = await app.sagas.start(BadConditionsSaga, { list });
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({ step: 'second', kind: 'failed', code: 'SAGA_CONDITION_THREW', message });
      expect((await told(saga)).filter((line) => line.includes('second starts'))).toEqual([]);
    });
  });
}
