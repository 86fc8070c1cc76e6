import { Compensate, CompensationContext, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';
import { NEVER } from 'rxjs';

import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { aborted, World } from '../support/world.js';

const TIMEOUT = 40;

@SagaDefinition({ name: 'slow-bank', retry: { attempts: 1 } })
class SlowBankSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async quote() {
    return 100;
  }

  @Compensate('quote')
  async forget() {
    this.world.did('forget the quote');
  }

  @SagaStep({ timeout: TIMEOUT })
  async charge({ signal }: SagaContext): Promise<string> {
    await aborted(signal);
    this.world.did(`charge hears: ${(signal.reason as Error).message}`);
    return 'charged too late';
  }

  @Compensate('charge')
  async refund({ outcome, forwardIdempotencyKey, idempotencyKey, reason }: CompensationContext, charged: string | undefined) {
    this.world.did(`refund ${charged} (${outcome}) ${forwardIdempotencyKey} ${idempotencyKey} ${reason.kind}`);
  }
}

@SagaDefinition({ name: 'careless-bank', retry: { attempts: 1 } })
class CarelessBankSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async quote() {
    return 100;
  }

  @Compensate('quote')
  async forget() {
    this.world.did('forget the quote');
  }

  @SagaStep({ timeout: TIMEOUT })
  async charge({ signal }: SagaContext): Promise<string> {
    await aborted(signal);
    throw signal.reason;
  }

  @Compensate('charge', { onUnknown: 'skip' })
  async refund(_: CompensationContext, charged: string) {
    this.world.did(`refund ${charged}`);
  }
}

@SagaDefinition({ name: 'deaf-bank', retry: { attempts: 2 } })
class DeafBankSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ timeout: TIMEOUT })
  async charge({ attempt, signal }: SagaContext): Promise<string> {
    this.world.did(`charge#${attempt} begins`);
    void aborted(signal).then(() => this.world.gate(`charge#${attempt} was told to stop`).open());
    if (attempt === 1) await this.world.gate('deaf').pass();
    this.world.did(`charge#${attempt} returns`);
    return 'charged';
  }

  @Compensate('charge')
  async refund() {
    this.world.did('refund');
  }
}

@SagaDefinition({ name: 'deaf-vault', retry: { attempts: 1 } })
class DeafVaultSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ timeout: TIMEOUT })
  async unlock({ signal }: SagaContext) {
    void aborted(signal).then(() => this.world.gate('unlock was told to stop').open());
    await this.world.gate('deaf').pass();
    this.world.did('unlock returns');
  }

  @Compensate('unlock')
  async lock() {
    this.world.did('lock');
  }
}

@SagaDefinition({ name: 'silent-observable', retry: { attempts: 1 } })
class SilentObservableSaga {
  @SagaStep({ timeout: TIMEOUT })
  listen() {
    return NEVER;
  }

  @Compensate('listen')
  async hangUp() {}
}

@SagaDefinition({ name: 'patient' })
class PatientSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly', timeout: '60d' })
  async wait({ signal }: SagaContext) {
    await this.world.gate('patience').pass(signal);
    return signal.aborted;
  }
}

export function tellTimedOutSteps(store: StoryStore): void {
  describeStory('steps that take too long', store, ({ boot, world, survives }) => {
    survives(
      'R10: a timed-out step is compensated, with undefined for its result and the forward idempotency key',
      [SlowBankSaga],
      async (app) => {
        const saga = await app.sagas.start(SlowBankSaga, {});
        const { failure } = await errorOf(saga.result(), SagaCompensatedError);
        expect(failure).toEqual({
          step: 'charge',
          kind: 'timed-out',
          code: 'SAGA_STEP_TIMED_OUT',
          message: `no answer within its timeout of ${TIMEOUT}ms`,
        });
        expect(world().deeds).toEqual([
          'charge hears: the attempt took longer than its timeout',
          `refund undefined (unknown) ${saga.id}:charge ${saga.id}:charge:compensation timed-out`,
          'forget the quote',
        ]);
      },
    );

    survives("R10, R17: with onUnknown: 'skip' it is left as it is, and named in failure.left", [CarelessBankSaga], async (app) => {
      const saga = await app.sagas.start(CarelessBankSaga, {});
      const error = await errorOf(saga.result(), SagaCompensatedError);
      expect(error.failure).toMatchObject({
        step: 'charge',
        kind: 'timed-out',
        left: [{ step: 'charge', why: "its outcome is unknown, and its compensation opted out (onUnknown: 'skip')" }],
      });
      expect(error.message).toContain('; not undone: charge (its outcome is unknown');
      expect(world().deeds).toEqual(['forget the quote']);
      expect((await saga.view()).steps[1]?.compensation?.status).toBe('skipped');
    });

    it('R22: the next attempt waits until a method that ignores its signal has returned', async () => {
      const app = await boot({ sagas: [DeafBankSaga] });
      const saga = await app.sagas.start(DeafBankSaga, {});
      await world().gate('charge#1 was told to stop').pass();
      expect(world().deeds).toEqual(['charge#1 begins']);
      expect((await told(saga)).at(-1)).toBe('charge starts');
      world().gate('deaf').open();
      expect(await saga.result()).toEqual({ charge: 'charged' });
      expect(world().deeds).toEqual(['charge#1 begins', 'charge#1 returns', 'charge#2 begins', 'charge#2 returns']);
    });

    it('R22: … but no longer than abandonAfter', async () => {
      const app = await boot({ sagas: [DeafBankSaga], options: { abandonAfter: 20 } });
      const saga = await app.sagas.start(DeafBankSaga, {});
      expect(await saga.result()).toEqual({ charge: 'charged' });
      expect(world().deeds).toEqual(['charge#1 begins', 'charge#2 begins', 'charge#2 returns']);
    });

    it('R22: so does its compensation: nothing is undone while it may still be done', async () => {
      const app = await boot({ sagas: [DeafVaultSaga] });
      const saga = await app.sagas.start(DeafVaultSaga, {});
      await world().gate('unlock was told to stop').pass();
      expect((await told(saga)).at(-1)).toBe('unlock starts');
      world().gate('deaf').open();
      await errorOf(saga.result(), SagaCompensatedError);
      expect(world().deeds).toEqual(['unlock returns', 'lock']);
    });

    it('R22: … and it, too, no longer than abandonAfter', async () => {
      const app = await boot({ sagas: [DeafVaultSaga], options: { abandonAfter: 20 } });
      const saga = await app.sagas.start(DeafVaultSaga, {});
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'unlock', kind: 'timed-out' });
      expect(world().deeds).toEqual(['lock']);
    });

    survives('R22: an observable that times out is unsubscribed, so nothing has to be waited for', [SilentObservableSaga], async (app) => {
      const saga = await app.sagas.start(SilentObservableSaga, {});
      const { failure } = await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'listen', kind: 'timed-out' });
    });

    it('a timeout longer than a timer of Node can be is no timeout of a millisecond', async () => {
      const app = await boot({ sagas: [PatientSaga, SlowBankSaga] });
      const saga = await app.sagas.start(PatientSaga, {});
      await world().gate('patience').reached;
      const later = await app.sagas.start(SlowBankSaga, {});
      await errorOf(later.result(), SagaCompensatedError);
      world().gate('patience').open();
      expect(await saga.result()).toEqual({ wait: false });
    });
  });
}
