import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaNotFoundError, SagaStep } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

@SagaDefinition({ name: 'offer', timeout: 500 })
class OfferSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async reserve() {
    return 'reserved';
  }

  @Compensate('reserve')
  async release() {
    this.world.did('release');
  }

  @SagaStep()
  async ask({ signal }: SagaContext) {
    await this.world.gate('answer').pass(signal);
  }

  @Compensate('ask')
  async withdraw() {
    this.world.did('withdraw');
  }
}

@SagaDefinition({ name: 'waiting-list', timeout: 60 })
class WaitingListSaga {
  @SagaStep({ kind: 'readonly', delay: '1h' })
  async comeBack() {
    return 'back';
  }
}

@SagaDefinition({ name: 'slow-delivery', timeout: 30 })
class SlowDeliverySaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'pivot' })
  async sell() {
    return 'sold';
  }

  @SagaStep()
  async deliver() {
    await this.world.gate('delivery').pass();
    return 'delivered';
  }
}

@SagaDefinition({ name: 'last-step' })
class LastStepSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async work() {
    await this.world.gate('work').pass();
    return 'worked';
  }

  @Compensate('work')
  async undo() {
    this.world.did('undo');
    await this.world.gate('undo').pass();
  }
}

export function tellDeadlineAndCancel(store: StoryStore): void {
  describeStory('deadline and cancel', store, ({ boot, world, survives }) => {
    it('R29: past its deadline a saga unwinds, and its compensations are not bound by it', async () => {
      const app = await boot({ sagas: [OfferSaga] });
      const saga = await app.sagas.start(OfferSaga, {});
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({ kind: 'timed-out', code: 'SAGA_DEADLINE', message: 'its deadline passed, 500ms after its start' });
      expect(world().deeds).toEqual(['withdraw', 'release']);
    });

    survives('R29: a saga that waits for a timer is found by its deadline too', [WaitingListSaga], async (app) => {
      const saga = await app.sagas.start(WaitingListSaga, {});
      const { failure } = await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(failure.code).toBe('SAGA_DEADLINE');
    });

    it('R11, R29: deadline after the pivot: it raises an alert, once, and changes nothing', async () => {
      const app = await boot({ sagas: [SlowDeliverySaga] });
      const saga = await app.sagas.start(SlowDeliverySaga, {});
      await eventually(
        async () => told(saga),
        (lines) => lines.some((line) => line.startsWith('alert')),
      );
      world().gate('delivery').open();
      expect(await saga.result()).toEqual({ sell: 'sold', deliver: 'delivered' });
      expect((await told(saga)).filter((line) => line.startsWith('alert'))).toEqual([
        'alert: its deadline passed, 30ms after its start; its pivot has begun, so it goes on',
      ]);
      expect(app.heard.map((event) => event.constructor.name)).toContain('SagaAlertEvent');
    });

    survives('R30: a cancel unwinds a running saga; the first reason stays', [LastStepSaga], async (app, calmly) => {
      const saga = await app.sagas.start(LastStepSaga, {});
      await world().gate('work').reached;
      expect(await saga.cancel('first reason')).toEqual({ accepted: true });
      expect(await saga.cancel('second reason')).toEqual({ accepted: true });
      world().gate('work').open();
      await world().gate('undo').reached;
      expect(await saga.cancel('third reason')).toEqual({ accepted: true });
      world().gate('undo').open();
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({ kind: 'cancelled', message: 'first reason' });
      expect(await saga.cancel('fourth reason')).toEqual({ accepted: false });
      await calmly(async () => {
        expect((await told(saga)).filter((line) => line.startsWith('cancel'))).toEqual(['cancel: first reason']);
      });
    });

    it('R30: cancel against the last step: exactly one of them wins', async () => {
      const app = await boot({ sagas: [LastStepSaga] });
      world().gate('undo').open();
      const sagas = await Promise.all(Array.from({ length: 20 }, async () => app.sagas.start(LastStepSaga, {})));
      world().gate('work').open();
      const answers = await Promise.all(sagas.map(async (saga) => saga.cancel('changed my mind')));
      const ends = await Promise.all(
        sagas.map(async (saga) =>
          saga.result().then(
            () => 'completed',
            (error: Error) => error.name,
          ),
        ),
      );
      expect(ends).toEqual(answers.map(({ accepted }) => (accepted ? 'SagaCompensatedError' : 'completed')));
    });

    survives('R30: a saga that has not begun is cancelled without anything to undo', [LastStepSaga], async (app, calmly) => {
      const saga = await app.sagas.start(LastStepSaga, {}, { delay: '1h' });
      expect(await saga.view()).toMatchObject({ status: 'pending', steps: [{ step: 'work', status: 'pending' }] });
      const answer = await saga.cancel('never mind');
      await calmly(() => {
        expect(answer).toEqual({ accepted: true });
      });
      const { failure } = await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(failure).toEqual({ kind: 'cancelled', message: 'never mind' });
      expect(world().deeds).toEqual([]);
    });

    survives('R11: a cancel past the pivot is refused, and raises an alert', [SlowDeliverySaga], async (app, calmly) => {
      const saga = await app.sagas.start(SlowDeliverySaga, {});
      await world().gate('delivery').reached;
      expect(await saga.cancel('too late')).toEqual({ accepted: false });
      world().gate('delivery').open();
      await saga.result();
      await calmly(async () => {
        expect(await told(saga)).toContain('alert: a cancel was refused, its pivot has begun: too late');
      });
      await calmly(({ heard }) => {
        expect(heard.map((event) => event.constructor.name)).toContain('SagaAlertEvent');
      });
    });

    const unstorable = [
      ['empty', ''],
      ['with U+0000', 'a\0b'],
      ['with half a character', 'a\ud800'],
      ['too long', 'x'.repeat(1_001)],
    ] as const;
    it.each(unstorable)('R5: a reason that cannot be stored is refused, and cancels nothing: %s', async (_name, reason) => {
      const app = await boot({ sagas: [LastStepSaga] });
      const saga = await app.sagas.start(LastStepSaga, {});
      await expect(saga.cancel(reason)).rejects.toThrow('cancel(reason) takes a text of 1 to 1000 characters');
      world().gate('work').open();
      await saga.result();
      expect((await told(saga)).filter((line) => line.startsWith('cancel'))).toEqual([]);
    });

    it('a cancel of what never was is an error', async () => {
      const app = await boot({ sagas: [LastStepSaga] });
      await errorOf(app.sagas.get('00000000-0000-7000-8000-000000000000').cancel('?'), SagaNotFoundError);
      await errorOf(app.sagas.get('no id at all').cancel('?'), SagaNotFoundError);
    });
  });
}
