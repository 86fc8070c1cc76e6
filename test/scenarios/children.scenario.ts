import { Command } from '@nestjs/cqrs';
import {
  AwaitSignal,
  child,
  Compensate,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaOperationError,
  SagaStartedEvent,
  SagaStep,
  StepRejected,
} from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

interface Parcel {
  readonly parcelId: string;
}

@SagaDefinition({ name: 'ship-parcel', key: ({ parcelId }: Parcel) => parcelId })
class ShipParcelSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async book({ input, metadata }: SagaContext<Parcel>) {
    this.world.did(`book ${input.parcelId}${metadata['tenant'] === undefined ? '' : ` for ${metadata['tenant']}`}`);
    return { trackingId: `T-${input.parcelId}` };
  }
  @Compensate('book')
  async unbook({ input }: SagaContext<Parcel>) {
    this.world.did(`unbook ${input.parcelId}`);
    if (input.parcelId === 'glued') throw new StepRejected('GLUED');
  }

  @SagaStep()
  async load({ input, signal }: SagaContext<Parcel>) {
    if (input.parcelId === 'fragile') throw new StepRejected('FRAGILE', 'too fragile');
    if (input.parcelId === 'slow') await this.world.gate('load').pass(signal);
    this.world.did(`load ${input.parcelId}`);
    return { at: new Date('2026-01-02T00:00:00Z') };
  }
  @Compensate('load')
  async unload({ input }: SagaContext<Parcel>) {
    this.world.did(`unload ${input.parcelId}`);
  }
}

@SagaDefinition({ name: 'invoice' })
class InvoiceSaga {
  @SagaStep({ kind: 'pivot' })
  async send() {
    return 'sent';
  }
}

interface Order {
  readonly parcels: readonly string[];
  readonly refuse?: boolean;
}
type Context<Item = unknown> = SagaContext<Order, OrderSaga, Item>;

@SagaDefinition({ name: 'order-of-parcels' })
class OrderSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async reserve() {
    this.world.did('reserve');
  }
  @Compensate('reserve')
  async release() {
    this.world.did('release');
  }

  @SagaStep({ kind: 'child', each: ({ input }: Context) => input.parcels })
  ship({ item }: Context<string>) {
    return child(ShipParcelSaga, { parcelId: item });
  }

  @SagaStep({ kind: 'readonly' })
  async check({ input, results }: Context) {
    if (input.refuse === true) throw new StepRejected('NO', 'refused');
    return results.ship.map(({ book }) => book.trackingId);
  }

  @SagaStep({ kind: 'pivot' })
  async pay() {
    return 'paid';
  }

  @SagaStep({ kind: 'child' })
  invoice() {
    return child(InvoiceSaga, {});
  }
}

@SagaDefinition({ name: 'too-early' })
class TooEarlySaga {
  @SagaStep({ kind: 'child' })
  invoice() {
    return child(InvoiceSaga, {});
  }
}

@SagaDefinition({ name: 'no-child-step' })
class NoChildStepSaga {
  @SagaStep({ kind: 'readonly' })
  ship() {
    return child(ShipParcelSaga, { parcelId: 'never' });
  }
}

@SagaDefinition({ name: 'perhaps' })
class PerhapsSaga {
  @SagaStep({ kind: 'child', onRejected: 'continue' })
  ship({ input }: SagaContext<{ parcel?: string }>) {
    return input.parcel === undefined ? undefined : child(ShipParcelSaga, { parcelId: input.parcel });
  }
}

class PrintLabel extends Command<void> {}

@SagaDefinition({ name: 'commanding' })
class CommandingSaga {
  @SagaStep({ kind: 'child' })
  ship() {
    return new PrintLabel();
  }
}

@SagaDefinition({ name: 'in-time' })
class InTimeSaga {
  @SagaStep({ kind: 'child', timeout: 60 })
  ship() {
    return child(ShipParcelSaga, { parcelId: 'slow' });
  }
}

@SagaDefinition({ name: 'after-payment' })
class AfterPaymentSaga {
  @SagaStep({ kind: 'pivot' })
  async pay() {}

  @SagaStep({ kind: 'child' })
  ship({ input }: SagaContext<Parcel>) {
    return child(ShipParcelSaga, input);
  }
}

@SagaDefinition({ name: 'hears-nothing' })
class WaitsForPaperSaga {
  @AwaitSignal('paper')
  paper() {}
}

@SagaDefinition({ name: 'grandparent' })
class GrandparentSaga {
  @SagaStep({ kind: 'child' })
  order() {
    return child(PerhapsSaga, { parcel: 'slow' });
  }
}

const SAGAS = [OrderSaga, ShipParcelSaga, InvoiceSaga];

export function tellChildren(store: StoryStore): void {
  describeStory('child sagas', store, ({ boot, world, survives }) => {
    survives(
      'R31: a child runs as a step of its parent, with its metadata; what its steps left is the result of that step',
      SAGAS,
      async (app, calmly) => {
        const order = await app.sagas.start(OrderSaga, { parcels: ['a', 'b'] }, { metadata: { tenant: 'acme' } });
        const at = new Date('2026-01-02T00:00:00Z');
        await expect(order.result()).resolves.toEqual({
          reserve: undefined,
          ship: [
            { book: { trackingId: 'T-a' }, load: { at } },
            { book: { trackingId: 'T-b' }, load: { at } },
          ],
          check: ['T-a', 'T-b'],
          pay: 'paid',
          invoice: { send: 'sent' },
        });
        expect(world().deeds.toSorted()).toEqual(['book a for acme', 'book b for acme', 'load a', 'load b', 'reserve']);
        const found = await app.sagas.findByKey(ShipParcelSaga, 'a');
        expect((await found?.view())?.status).toBe('completed');
        // R33: each is told of once.
        await calmly(({ heard }) => {
          const started = heard.filter((event) => event instanceof SagaStartedEvent).map(({ name }) => name);
          expect(started.toSorted()).toEqual(['invoice', 'order-of-parcels', 'ship-parcel', 'ship-parcel']);
        });
      },
    );

    survives('R31: a parent that waits for its child holds nothing, and says what it waits for', SAGAS, async (app, calmly) => {
      const order = await app.sagas.start(OrderSaga, { parcels: ['slow'] });
      await world().gate('load').reached;
      const view = await eventually(
        () => order.view(),
        ({ waitingFor }) => waitingFor?.kind === 'child',
      );
      expect(view.waitingFor).toEqual({ kind: 'child', name: 'ship-parcel' });
      world().gate('load').open();
      await expect(order.result()).resolves.toMatchObject({ pay: 'paid' });
      await calmly(async () => {
        expect((await told(order)).slice(4, 10)).toEqual([
          'ship[0] starts',
          'ship[0] runs ship-parcel',
          'the child of ship[0] is there',
          'a child ended: completed',
          'ship[0] succeeded: {"book":{"trackingId":"T-slow"},"load":{"at":"2026-01-02T00:00:00.000Z"}}',
          'check starts',
        ]);
      });
    });

    survives('R31: a child that ended compensated leaves its step failed, and what else was done is undone', SAGAS, async (app) => {
      const order = await app.sagas.start(OrderSaga, { parcels: ['fragile', 'b'] });
      const { failure } = await errorOf(order.result(), SagaCompensatedError);
      expect(failure).toEqual({
        step: 'ship',
        kind: 'rejected',
        code: 'FRAGILE',
        message: 'item 0: the child was compensated: load: too fragile',
      });
      expect(world().deeds).toEqual(expect.arrayContaining(['book fragile', 'unbook fragile', 'book b', 'unbook b']));
      expect(world().deeds.at(-1)).toBe('release');
    });

    survives(
      'R13, R31: child unwinds after the parent failed: it is taken back as a whole, before what its step depends on is undone',
      SAGAS,
      async (app, calmly) => {
        const order = await app.sagas.start(OrderSaga, { parcels: ['a'], refuse: true });
        await errorOf(order.result(), SagaCompensatedError);
        expect(world().deeds).toEqual(['reserve', 'book a', 'load a', 'unload a', 'unbook a', 'release']);
        await calmly(async () => {
          const transcript = (await told(order)).slice(-7);
          // A child that is quick has ended before it is written down that it was told.
          expect(transcript[0]).toBe('undo ship[0] starts');
          expect(transcript.slice(1, 3).toSorted()).toEqual(['a child ended: compensated', 'the child of ship[0] unwinds']);
          expect(transcript.slice(3)).toEqual([
            'undo ship[0] succeeded',
            'undo reserve starts',
            'undo reserve succeeded',
            'the saga is compensated',
          ]);
        });
        const shipped = await app.sagas.findByKey(ShipParcelSaga, 'a');
        expect((await shipped?.view())?.failure).toMatchObject({ kind: 'cancelled', code: 'SAGA_TAKEN_BACK' });
      },
    );

    survives(
      'R30, R31: a parent that is cancelled recalls its child, however deep, and waits for it',
      [...SAGAS, GrandparentSaga, PerhapsSaga],
      async (app, calmly) => {
        const top = await app.sagas.start(GrandparentSaga, {});
        await world().gate('load').reached;
        await top.cancel('changed my mind');
        const { failure } = await errorOf(top.result(), SagaCompensatedError);
        expect(failure.kind).toBe('cancelled');
        // What it was doing may have had an effect.
        expect(world().deeds).toEqual(['book slow', 'unload slow', 'unbook slow']);
        await calmly(async () => {
          expect((await told(top)).slice(-5)).toEqual([
            'unwinding begins: cancelled (changed my mind)',
            'the child of order is recalled: its parent unwinds',
            'a child ended: compensated',
            `order failed: the child was compensated: recalled by its parent grandparent ${top.id}: its parent unwinds`,
            'the saga is compensated',
          ]);
        });
      },
    );

    survives('R31: a child with a pivot before that of its parent starts nothing, and says why', [...SAGAS, TooEarlySaga], async (app) => {
      const saga = await app.sagas.start(TooEarlySaga, {});
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toMatchObject({
        kind: 'failed',
        message:
          "too-early.invoice runs invoice, which has a pivot, so it could not be undone together with its parent. A child with a pivot is allowed only after the parent's pivot: move the step, or remove the pivot of InvoiceSaga.",
      });
      expect((await app.sagas.find({ name: 'invoice' })).items).toEqual([]);
    });

    survives('R31: a key that another saga holds is a conflict, never adopted', SAGAS, async (app) => {
      const other = await app.sagas.start(ShipParcelSaga, { parcelId: 'a' });
      await other.result();
      const order = await app.sagas.start(OrderSaga, { parcels: ['a'] });
      const { failure } = await errorOf(order.result(), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'ship', kind: 'failed', code: 'SAGA_CHILD' });
      expect(failure.message).toContain(`ship-parcel with key 'a' is another saga (${other.id})`);
      expect((await other.view()).status).toBe('completed');
    });

    it('R12: a step that returns child() without being a child step fails at its first run, with the mend', async () => {
      const app = await boot({ sagas: [...SAGAS, NoChildStepSaga] });
      const { failure } = await errorOf((await app.sagas.start(NoChildStepSaga, {})).result(), SagaCompensatedError);
      expect(failure.message).toBe("no-child-step.ship returned child(ShipParcelSaga), and is no child step. Add kind: 'child'.");
      expect(await app.sagas.findByKey(ShipParcelSaga, 'never')).toBeNull();
    });

    it("a child step may return a plain value instead, and go on without a refused child: onRejected: 'continue'", async () => {
      const app = await boot({ sagas: [...SAGAS, PerhapsSaga] });
      await expect((await app.sagas.start(PerhapsSaga, {})).result()).resolves.toEqual({ ship: undefined });
      await expect((await app.sagas.start(PerhapsSaga, { parcel: 'fragile' })).result()).resolves.toEqual({ ship: undefined });
      const well = await (await app.sagas.start(PerhapsSaga, { parcel: 'w' })).result();
      expect(well.ship).toMatchObject({ book: { trackingId: 'T-w' } });
    });

    it('R31: a child step before the pivot returns no command: nothing would undo it, so it is not sent', async () => {
      const app = await boot({ sagas: [...SAGAS, CommandingSaga] });
      const { failure } = await errorOf((await app.sagas.start(CommandingSaga, {})).result(), SagaCompensatedError);
      expect(failure.message).toBe(
        'commanding.ship is a child step and returned PrintLabel, which nothing would undo. Return child(…) or a plain value, or give the command a step of its own.',
      );
    });

    it('R31: a child that takes too long is recalled, and its step has timed out', async () => {
      const app = await boot({ sagas: [...SAGAS, InTimeSaga] });
      const saga = await app.sagas.start(InTimeSaga, {});
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'ship', kind: 'timed-out' });
      // What it was doing may have had an effect.
      expect(world().deeds).toEqual(['book slow', 'unload slow', 'unbook slow']);
    });

    survives('R31: while a child is stuck its parent waits, and it is mended there', SAGAS, async (app, calmly) => {
      const order = await app.sagas.start(OrderSaga, { parcels: ['glued'], refuse: true });
      const by = { operator: 'ann', reason: 'cut it loose' };
      const parcel = (await eventually(
        () => app.sagas.findByKey(ShipParcelSaga, 'glued'),
        (found) => found !== null,
      ))!;
      await eventually(
        () => parcel.view(),
        ({ status }) => status === 'stuck',
      );
      const waiting = await eventually(
        () => order.view(),
        ({ waitingFor }) => waitingFor?.kind === 'child',
      );
      expect(waiting).toMatchObject({ status: 'compensating', waitingFor: { kind: 'child', name: 'ship-parcel' } });
      await calmly(async () => {
        const refused = await errorOf(order.skip('ship', by), SagaOperationError);
        expect(refused.message).toContain(`its child ${parcel.id} is under way: mend it there, or wait for its end`);
      });
      await parcel.resolve('book', by);
      await errorOf(order.result(), SagaCompensatedError);
      expect(world().deeds.at(-1)).toBe('release');
    });

    it('R16, R31: past the pivot a refused child makes the saga stuck; an operator’s retry runs another child', async () => {
      const app = await boot({ sagas: [...SAGAS, AfterPaymentSaga] });
      const saga = await app.sagas.start(AfterPaymentSaga, { parcelId: 'fragile' });
      await eventually(
        () => saga.view(),
        ({ status }) => status === 'stuck',
      );
      const first = await app.sagas.findByKey(ShipParcelSaga, 'fragile');
      await saga.retry({ operator: 'ann', reason: 'wrapped it' });
      // The key is still that of the first child.
      const view = await eventually(
        () => saga.view(),
        ({ status, failure }) => status === 'stuck' && failure?.code === 'SAGA_CHILD',
      );
      expect(view.failure?.message).toContain(`is the child of an earlier round (${first?.id}), and keeps its key`);
    });

    it('R16: what a completed child did is taken back by its parent alone', async () => {
      const app = await boot({ sagas: SAGAS });
      const order = await app.sagas.start(OrderSaga, { parcels: ['a'] });
      await order.result();
      const parcel = (await app.sagas.findByKey(ShipParcelSaga, 'a'))!;
      const refused = await errorOf(parcel.compensate({ operator: 'ann', reason: 'returned' }), SagaOperationError);
      expect(refused.message).toContain(`its parent ${order.id} goes on from what it did`);
    });

    it('R29, R31: a saga past its deadline recalls its children', async () => {
      @SagaDefinition({ name: 'patient', timeout: 80 })
      class PatientSaga {
        @SagaStep({ kind: 'child' })
        paper() {
          return child(WaitsForPaperSaga, {});
        }
      }
      const app = await boot({ sagas: [PatientSaga, WaitsForPaperSaga] });
      const { failure } = await errorOf((await app.sagas.start(PatientSaga, {})).result(), SagaCompensatedError);
      expect(failure.code).toBe('SAGA_DEADLINE');
      const [paper] = (await app.sagas.find({ name: 'hears-nothing' })).items;
      expect(paper?.status).toBe('compensated');
    });
  });
}
