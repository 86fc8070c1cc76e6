import { Command, CommandBus } from '@nestjs/cqrs';
import {
  Compensate,
  CompensationContext,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  type SagaHandle,
  SagaStep,
  SagaStuckError,
  StepRejected,
} from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type SagaApp, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

class BookTrip extends Command<string> {
  constructor(readonly tripId: string) {
    super();
  }
}

const TRIP = { startedBy: BookTrip, key: ({ tripId }: BookTrip) => tripId };
/** Another name than TRIP's, for one class after another under the same version. */
const TOUR = { name: 'tour' };
const PATIENCE = { options: { worker: { shutdownTimeout: 20 } } };

@SagaDefinition({ name: 'trip', version: 1, ...TRIP })
class FirstTripSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async book({ input, signal }: SagaContext<BookTrip>) {
    await this.world.gate(`${input.tripId} is booked`).pass(signal);
    return 'by hand';
  }
}

@SagaDefinition({ name: 'trip', version: 2, ...TRIP })
class SecondTripSaga {
  @SagaStep({ kind: 'readonly' })
  async reserve(_context: SagaContext<BookTrip>) {
    return 'by machine';
  }
}

@SagaDefinition(TOUR)
class TourSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async hold(context: SagaContext) {
    this.world.did('hold', context);
    return 'h-1';
  }
  @Compensate('hold')
  async letGo() {
    this.world.did('let go');
  }

  @SagaStep()
  async pay(context: SagaContext<unknown, TourSaga>) {
    this.world.did(`pay for ${context.results.hold}`, context);
    await this.world.gate('pay').pass(context.signal);
    return 'p-1';
  }
  @Compensate('pay')
  async payBack() {
    this.world.did('pay back');
  }
}

/** Both steps have other names, and two are new: one between them, one at the end. */
@SagaDefinition(TOUR)
class RenamedTourSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ was: ['take', 'hold'] })
  async reserve(context: SagaContext) {
    this.world.did('reserve', context);
    return 'r-1';
  }
  @Compensate('reserve')
  async release({ step, idempotencyKey, forwardIdempotencyKey }: CompensationContext, reservation: string | undefined) {
    this.world.did(`release ${reservation}: ${step}`, { idempotencyKey });
    this.world.did('asks for', { idempotencyKey: forwardIdempotencyKey });
  }

  @SagaStep({ kind: 'readonly', when: ({ results }: SagaContext<unknown, RenamedTourSaga>) => results.reserve === 'h-1' })
  async check({ results }: SagaContext<unknown, RenamedTourSaga>): Promise<string | undefined> {
    this.world.did(`check ${results.reserve}`);
    return 'checked';
  }

  @SagaStep({ was: 'pay' })
  async charge(context: SagaContext<unknown, RenamedTourSaga>) {
    this.world.did(`charge for ${context.results.reserve}`, context);
    return 'c-1';
  }
  @Compensate('charge')
  async refund({ idempotencyKey }: CompensationContext, charge: string | undefined) {
    this.world.did(`refund ${charge}`, { idempotencyKey });
  }

  @SagaStep({ kind: 'readonly' })
  async tell(context: SagaContext<unknown, RenamedTourSaga>) {
    this.world.did(`tell of ${context.results.reserve} and ${context.results.charge}`, context);
    await this.world.gate('tell').pass(context.signal);
    return context.idempotencyKey;
  }
}

@SagaDefinition(TOUR)
class ShorterTourSaga {
  @SagaStep({ kind: 'readonly' })
  async pay() {
    return 'paid without a hold';
  }
}

@SagaDefinition(TOUR)
class TurnedTourSaga {
  @SagaStep({ kind: 'readonly', after: [] })
  async pay() {}

  @SagaStep({ kind: 'readonly', after: 'pay' })
  async hold() {}
}

/** Refused, it cannot be undone. */
@SagaDefinition({ name: 'stay' })
class StaySaga {
  @SagaStep()
  async book() {}
  @Compensate('book')
  async unbook() {
    throw new StepRejected('NO_REFUND');
  }

  @SagaStep({ kind: 'readonly' })
  async move() {
    throw new StepRejected('FLOODED');
  }
}

@SagaDefinition({ name: 'stay' })
class MendedStaySaga {
  constructor(private readonly world: World) {}

  @SagaStep({ was: 'book' })
  async reserve() {}
  @Compensate('reserve')
  async release(context: CompensationContext) {
    this.world.did('release', context);
  }

  @SagaStep({ kind: 'readonly' })
  async check() {}

  @SagaStep({ kind: 'readonly' })
  async move() {}
}

@SagaDefinition({ name: 'other' })
class OtherSaga {
  @SagaStep({ kind: 'readonly' })
  async work() {}
}

export function tellVersions(store: StoryStore): void {
  describeStory('versions side by side', store, ({ boot, world, place }) => {
    it('R23: each saga runs on its own version; a message starts the highest', async () => {
      const app = await boot({ sagas: [SecondTripSaga, FirstTripSaga] });
      const first = await app.sagas.start(FirstTripSaga, new BookTrip('one'));
      const second = await app.sagas.start(SecondTripSaga, new BookTrip('two'));
      const third = app.sagas.get(await app.get(CommandBus).execute(new BookTrip('three')));
      world().gate('one is booked').open();
      expect(await Promise.all([first.result(), second.result(), third.result()])).toEqual([
        { book: 'by hand' },
        { reserve: 'by machine' },
        { reserve: 'by machine' },
      ]);
      expect((await Promise.all([first, second, third].map(async (handle) => handle.view()))).map(({ version }) => version)).toEqual([
        1, 2, 2,
      ]);
    });

    it('R23: name and key find a saga whatever its version', async () => {
      const app = await boot({ sagas: [FirstTripSaga, SecondTripSaga] });
      const first = await app.sagas.start(FirstTripSaga, new BookTrip('one'));
      const again = await app.sagas.start(SecondTripSaga, new BookTrip('one'));
      const found = await app.sagas.findByKey(SecondTripSaga, 'one');
      expect([again.created, again.id, found?.id]).toEqual([false, first.id, first.id]);
    });

    it('R23: what began on version 1 ends on it, and what starts meanwhile starts on version 2', async () => {
      const before = await boot({ sagas: [FirstTripSaga], ...PATIENCE });
      const first = await before.sagas.start(FirstTripSaga, new BookTrip('one'));
      await world().gate('one is booked').reached;
      await before.close();
      const after = await boot({ sagas: [FirstTripSaga, SecondTripSaga] });
      const second = after.sagas.get(await after.get(CommandBus).execute(new BookTrip('two')));
      expect(await second.result()).toEqual({ reserve: 'by machine' });
      world().gate('one is booked').open();
      expect(await after.sagas.get(FirstTripSaga, first.id).result()).toEqual({ book: 'by hand' });
    });

    it('R23: a node that knows only version 2 leaves the sagas of version 1 alone; they are listed, and go on where version 1 is', async () => {
      const before = await boot({ sagas: [FirstTripSaga], ...PATIENCE });
      const { id } = await before.sagas.start(FirstTripSaga, new BookTrip('one'));
      await world().gate('one is booked').reached;
      await before.close();
      world().gate('one is booked').open();

      const second = await boot({ sagas: [SecondTripSaga] });
      await (await second.sagas.start(SecondTripSaga, new BookTrip('two'))).result();
      const handle = second.sagas.get(id);
      const journal = await handle.journal();
      const waiting = { id, version: 1, status: 'running', failure: null, waitingFor: { kind: 'definition', name: 'trip' } };
      expect(await handle.view()).toMatchObject({ ...waiting, steps: [{ step: 'book', status: 'started' }] });
      expect((await second.sagas.find({ key: 'one' })).items).toMatchObject([waiting]);

      const first = await boot({ sagas: [FirstTripSaga] });
      expect(await first.sagas.get(FirstTripSaga, id).result()).toEqual({ book: 'by hand' });
      expect((await handle.journal()).slice(0, journal.length)).toEqual(journal);
      expect(await handle.view()).toMatchObject({ status: 'completed', waitingFor: null });
    });

    it('R23: a saga whose class was removed stays where it is, and goes on when the class is back', async () => {
      const before = await boot({ sagas: [TourSaga], ...PATIENCE });
      const { id } = await before.sagas.start(TourSaga, {});
      await world().gate('pay').reached;
      await before.close();
      world().gate('pay').open();
      const without = await boot({ sagas: [OtherSaga] });
      await (await without.sagas.start(OtherSaga, {})).result();
      expect(await without.sagas.get(id).view()).toMatchObject({ status: 'running', waitingFor: { kind: 'definition', name: 'tour' } });
      // In the list, and in the health of whoever looks.
      await place().pass(61_000);
      expect(await without.sagas.health()).toEqual({
        healthy: true,
        worker: 'working',
        inMemory: 0,
        overdue: [{ name: 'tour', version: 1, count: 1, known: false }],
        leftAlone: 0,
      });
      await without.close();
      const after = await boot({ sagas: [TourSaga, OtherSaga] });
      expect(await after.sagas.get(TourSaga, id).result()).toEqual({ hold: 'h-1', pay: 'p-1' });
    });
  });

  describeStory('a class that is changed while its sagas are under way', store, ({ boot, world, place }) => {
    /** A tour whose `pay` is under way when its node stops. */
    const inFlight = async (): Promise<string> => {
      const before = await boot({ sagas: [TourSaga], ...PATIENCE });
      const { id } = await before.sagas.start(TourSaga, {});
      await world().gate('pay').reached;
      await before.close();
      return id;
    };
    const callsOf = (id: string): object =>
      Object.fromEntries([...world().calls].map(([key, calls]) => [key.replace(id, 'saga'), calls] as const));

    it('R23: a step that was renamed goes on under its old name in journal and keys; user code reads the new one', async () => {
      const id = await inFlight();
      world().gate('tell').open();
      const after = await boot({ sagas: [RenamedTourSaga] });
      const handle = after.sagas.get(RenamedTourSaga, id);
      expect(await handle.result()).toEqual({ reserve: 'h-1', check: 'checked', charge: 'c-1', tell: `${id}:tell` });
      expect(await told(handle)).toEqual([
        'the saga starts',
        'hold starts',
        'hold succeeded: "h-1"',
        'pay starts',
        'pay is cut short by a stop',
        'its definition is another now',
        'check starts',
        'pay#2 starts',
        'check succeeded: "checked"',
        'pay succeeded: "c-1"',
        'tell starts',
        `tell succeeded: "${id}:tell"`,
        'the saga is completed',
      ]);
      expect(world().deeds.toSorted()).toEqual(['hold', 'pay for h-1', 'check h-1', 'charge for h-1', 'tell of h-1 and c-1'].toSorted());
      expect(callsOf(id)).toEqual({ 'saga:hold': 1, 'saga:pay': 2, 'saga:tell': 1 });
      const { steps } = await handle.view();
      expect(steps.map(({ step, status }) => `${step} ${status}`)).toEqual([
        'hold succeeded',
        'check succeeded',
        'pay succeeded',
        'tell succeeded',
      ]);
    });

    it('R23: and is undone under its old name', async () => {
      const id = await inFlight();
      const after = await boot({ sagas: [RenamedTourSaga] });
      await world().gate('tell').reached;
      const handle = after.sagas.get(RenamedTourSaga, id);
      await handle.cancel('changed my mind');
      await errorOf(handle.result(), SagaCompensatedError);
      expect(world().deeds.slice(-3)).toEqual(['refund c-1', 'release h-1: hold', 'asks for']);
      expect(callsOf(id)).toMatchObject({ 'saga:hold': 2, 'saga:hold:compensation': 1, 'saga:pay:compensation': 1 });
    });

    it('R23: an operator mends a stuck saga with the changed class, by the names that it has', async () => {
      const before = await boot({ sagas: [StaySaga] });
      const [one, other] = await Promise.all([before.sagas.start(StaySaga, {}), before.sagas.start(StaySaga, {})]);
      for (const handle of [one, other]) await errorOf(handle.result(), SagaStuckError);
      await before.close();
      const after = await boot({ sagas: [MendedStaySaga] });
      const by = { operator: 'ann', reason: 'the class is mended' };
      await after.sagas.get(MendedStaySaga, one.id).retry(by);
      await after.sagas.get(MendedStaySaga, other.id).resolve('reserve', by);
      for (const { id } of [one, other]) await errorOf(after.sagas.get(id).result(), SagaCompensatedError);
      expect([...world().calls]).toEqual([[`${one.id}:book:compensation`, 1]]);
      expect((await told(after.sagas.get(other.id))).slice(-4)).toEqual([
        'ann (the class is mended) resolves undo book',
        'its definition is another now',
        'check is skipped: the saga unwinds',
        'the saga is compensated',
      ]);
    });

    it.each([
      ['a step that has begun is gone', ShorterTourSaga, 'hold', 'hold has begun, and no step is called that here, or was'],
      ['what has begun depends on another step', TurnedTourSaga, 'hold', 'hold began after nothing, and comes after pay here'],
    ])('R23: %s: the saga stays where it is, and goes on when the class is back', async (_, Changed, step, why) => {
      const id = await inFlight();
      world().gate('pay').open();
      const after = await boot({ sagas: [Changed, OtherSaga] });
      const journal = await after.sagas.get(id).journal();
      await eventually(
        () => warnings(after, id).length,
        (count) => count > 0,
      );
      await staysPut(after, after.sagas.get(id), journal.length);
      expect(warnings(after, id)).toEqual([
        {
          text: expect.stringContaining(`waits for its definition, version 1 of tour: ${why}. Say was: '…' on the step`),
          step,
        },
      ]);
      await after.close();
      await place().pass(60_000);
      const back = await boot({ sagas: [TourSaga] });
      expect(await back.sagas.get(TourSaga, id).result()).toEqual({ hold: 'h-1', pay: 'p-1' });
    });

    it('R23: a step that was added and has begun: a node with the class as it was leaves the saga to those that have it', async () => {
      const id = await inFlight();
      world().gate('pay').open();
      const renamed = await boot({ sagas: [RenamedTourSaga], ...PATIENCE });
      await world().gate('tell').reached;
      await renamed.close();
      const old = await boot({ sagas: [TourSaga] });
      const journal = await old.sagas.get(id).journal();
      await eventually(
        () => warnings(old, id).length,
        (count) => count > 0,
      );
      await staysPut(old, old.sagas.get(id), journal.length);
      await old.close();
      await place().pass(60_000);
      world().gate('tell').open();
      const again = await boot({ sagas: [RenamedTourSaga] });
      expect(await again.sagas.get(RenamedTourSaga, id).result()).toMatchObject({ reserve: 'h-1', tell: `${id}:tell` });
      expect((await told(again.sagas.get(id))).filter((line) => line.includes('definition'))).toHaveLength(1);
    });
  });
}

const warnings = (app: SagaApp, id: string): readonly { readonly text: string; readonly step: unknown }[] =>
  app
    .log({ id })
    .filter(({ level }) => level === 'warn')
    .map(({ text, fields: { step } }) => ({ text, step }));

/** It is nobody's, waits for its definition, and its journal is as it was; sagas that are known run beside it. */
async function staysPut(app: SagaApp, handle: SagaHandle, entries: number): Promise<void> {
  const view = await eventually(
    async () => handle.view(),
    ({ waitingFor }) => waitingFor?.kind === 'definition',
  );
  expect(view).toMatchObject({ status: 'running', failure: null, waitingFor: { kind: 'definition', name: 'tour' } });
  expect((await app.sagas.find({ name: 'tour' })).items).toMatchObject([{ waitingFor: { kind: 'definition', name: 'tour' } }]);
  expect(await handle.journal()).toHaveLength(entries);
}
