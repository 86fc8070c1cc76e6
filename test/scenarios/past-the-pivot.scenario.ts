import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, SagaStuckError, StepRejected } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

interface Plan {
  readonly capture?: 'is refused' | 'fails twice';
  readonly receipt?: 'is refused' | 'fails often';
}

@SagaDefinition<Plan>({ name: 'paying', retry: { attempts: 2 } })
class PayingSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async authorize() {
    return 'a-1';
  }

  @Compensate('authorize')
  async release() {
    this.world.did('release');
  }

  @SagaStep({ kind: 'pivot' })
  async capture({ input, attempt }: SagaContext<Plan>) {
    this.world.did('capture');
    if (input.capture === 'is refused') throw new StepRejected('EXPIRED', 'the authorization has expired');
    if (input.capture === 'fails twice' && attempt <= 2) throw new Error('no answer');
    return 'c-1';
  }

  @SagaStep({ after: 'capture' })
  async receipt({ input, attempt }: SagaContext<Plan>) {
    if (input.receipt === 'is refused') throw new StepRejected('NO_ADDRESS', 'there is no address');
    if (input.receipt === 'fails often' && attempt <= 7) throw new Error('the printer is on fire');
    this.world.did(`receipt#${attempt}`);
  }

  @SagaStep({ after: 'capture' })
  async dispatch() {
    await this.world.gate('dispatch').pass();
    this.world.did('dispatch');
  }
}

@SagaDefinition({ name: 'one-shot', retry: { attempts: 1 } })
class OneShotSaga {
  @SagaStep({ kind: 'pivot', idempotent: false })
  async fire() {
    throw new Error('nobody knows whether it fired');
  }
}

export function tellPastThePivot(store: StoryStore): void {
  describeStory('past the pivot', store, ({ boot, world, survives }) => {
    it('R11: a refused pivot unwinds the saga', async () => {
      const app = await boot({ sagas: [PayingSaga] });
      const saga = await app.sagas.start(PayingSaga, { capture: 'is refused' });
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'capture', kind: 'rejected', code: 'EXPIRED' });
      expect(world().deeds).toEqual(['capture', 'release']);
    });

    survives(
      'R11: a pivot that may have had an effect is tried on until it is known, past the attempts of its policy',
      [PayingSaga],
      async (app, calmly) => {
        world().gate('dispatch').open();
        const saga = await app.sagas.start(PayingSaga, { capture: 'fails twice' });
        expect(await saga.result()).toMatchObject({ capture: 'c-1' });
        await calmly(() => {
          expect(world().deeds.slice(0, 3)).toEqual(['capture', 'capture', 'capture']);
        });
      },
    );

    it('R11: what comes after it is tried on without limit, and after some attempts an alert is raised', async () => {
      const app = await boot({ sagas: [PayingSaga] });
      world().gate('dispatch').open();
      const saga = await app.sagas.start(PayingSaga, { receipt: 'fails often' });
      await saga.result();
      expect(world().deeds).toContain('receipt#8');
      expect((await told(saga)).filter((line) => line.startsWith('alert'))).toEqual([
        'alert for receipt: keeps failing, and is tried on: the printer is on fire (5 attempts)',
      ]);
    });

    survives(
      'R11: a refusal past it makes the saga stuck, once the other branches have gone as far as they can',
      [PayingSaga],
      async (app) => {
        const saga = await app.sagas.start(PayingSaga, { receipt: 'is refused' });
        await world().gate('dispatch').reached;
        await eventually(
          async () => (await saga.view()).steps[2]?.status,
          (status) => status === 'failed' || status === 'unknown',
        );
        expect((await saga.view()).status).toBe('running');
        world().gate('dispatch').open();
        const error = await errorOf(saga.result(), SagaStuckError);
        expect(error).toMatchObject({ code: 'SAGA_STUCK', saga: 'paying', sagaId: saga.id, step: 'receipt' });
        expect(error.message).toBe(
          `paying ${saga.id} is stuck and waits for an operator: receipt rejected (NO_ADDRESS): there is no address`,
        );
        expect(world().deeds).toEqual(['capture', 'dispatch']);
        expect(await saga.view()).toMatchObject({ status: 'stuck', endedAt: null, failure: { step: 'receipt', kind: 'rejected' } });
      },
    );

    survives('R11: a cancel past it is not accepted: an alert is raised, and nothing else changes', [PayingSaga], async (app, calmly) => {
      const saga = await app.sagas.start(PayingSaga, {});
      await world().gate('dispatch').reached;
      expect(await saga.cancel('too late')).toEqual({ accepted: false });
      world().gate('dispatch').open();
      await saga.result();
      await calmly(async () => {
        expect((await told(saga)).filter((line) => /^(cancel|alert)/.test(line))).toEqual([
          'alert: a cancel was refused, its pivot has begun: too late',
        ]);
      });
    });

    it('R11: a pivot that must not be repeated and is left unknown makes the saga stuck', async () => {
      const app = await boot({ sagas: [OneShotSaga] });
      const saga = await app.sagas.start(OneShotSaga, {});
      const { failure } = await errorOf(saga.result(), SagaStuckError);
      expect(failure).toEqual({ step: 'fire', kind: 'failed', message: 'nobody knows whether it fired' });
    });
  });
}
