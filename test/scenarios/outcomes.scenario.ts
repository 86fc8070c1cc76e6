import { Injectable } from '@nestjs/common';
import { Command } from '@nestjs/cqrs';
import {
  Compensate,
  CompensationContext,
  RetryLater,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaStep,
  StepRejected,
} from 'nestjs-sagas';

import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

type Behaviour = 'fails' | 'is refused' | 'asks for later' | 'succeeds';

interface Plan {
  /** Of each attempt; of those that follow, the last one. */
  readonly charge: readonly Behaviour[];
}

class NobodysCommand extends Command<void> {}

@Injectable()
abstract class Charging {
  constructor(readonly world: World) {}

  behave({ input, attempt, ...context }: SagaContext<Plan>): string {
    this.world.did(`charge#${attempt}`, context);
    switch (input.charge[attempt - 1] ?? input.charge.at(-1)) {
      case 'fails':
        throw Object.assign(new Error('the bank does not answer'), { code: 'BANK_DOWN' });
      case 'is refused':
        throw new StepRejected('CARD_DECLINED', 'the card was declined');
      case 'asks for later':
        throw new RetryLater('30ms', 'the bank is busy');
      default:
        return 'charged';
    }
  }
}

@SagaDefinition<Plan>({ name: 'charging', retry: { attempts: 3 } })
class ChargingSaga extends Charging {
  @SagaStep()
  async charge(context: SagaContext<Plan>) {
    return this.behave(context);
  }

  @Compensate('charge')
  async refund({ outcome }: CompensationContext<Plan>, charged: string | undefined) {
    this.world.did(`refund of ${charged} (${outcome})`);
  }
}

@SagaDefinition<Plan>({ name: 'picky-charging', retry: { attempts: 3, retryIf: (error) => !('code' in error) } })
class PickySaga extends Charging {
  @SagaStep()
  async charge(context: SagaContext<Plan>) {
    return this.behave(context);
  }

  @Compensate('charge')
  async refund() {
    this.world.did('refund');
  }
}

@SagaDefinition<Plan>({ name: 'gift-card-first' })
class GiftCardFirstSaga extends Charging {
  @SagaStep({ onRejected: 'continue' })
  async charge(context: SagaContext<Plan>): Promise<string | undefined> {
    return this.behave(context);
  }

  @Compensate('charge')
  async refund() {
    this.world.did('refund');
  }

  @SagaStep({ kind: 'readonly' })
  async say({ results }: SagaContext<Plan, GiftCardFirstSaga>) {
    return `by gift card: ${results.charge ?? 'nothing'}`;
  }
}

@SagaDefinition({ name: 'to-nobody' })
class ToNobodySaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async first() {
    return 1;
  }

  @Compensate('first')
  async undoFirst() {
    this.world.did('undo first');
  }

  @SagaStep()
  send() {
    this.world.did('send');
    return new NobodysCommand();
  }

  @Compensate('send')
  async unsend() {
    this.world.did('unsend');
  }
}

@SagaDefinition({ name: 'nosy', retry: { attempts: 1 } })
class NosySaga {
  @SagaStep({ kind: 'readonly', after: [] })
  async left() {
    return 'left';
  }

  @SagaStep({ kind: 'readonly', after: [] })
  async right({ results }: SagaContext<unknown, NosySaga>): Promise<string> {
    return `${results.left} and right`;
  }
}

export function tellOutcomes(store: StoryStore): void {
  describeStory('how an attempt ends', store, ({ boot, world, survives }) => {
    survives(
      'R9: an ordinary error is tried again, under the same key, and the attempts are counted',
      [ChargingSaga],
      async (app, calmly) => {
        const saga = await app.sagas.start(ChargingSaga, { charge: ['fails', 'fails', 'succeeds'] });
        expect(await saga.result()).toEqual({ charge: 'charged' });
        await calmly(async () => {
          expect(world().deeds).toEqual(['charge#1', 'charge#2', 'charge#3']);
          expect([...world().calls]).toEqual([[`${saga.id}:charge`, 3]]);
          expect(await told(saga)).toEqual([
            'the saga starts',
            'charge starts',
            'charge fails: the bank does not answer',
            'charge#2 starts',
            'charge#2 fails: the bank does not answer',
            'charge#3 starts',
            'charge succeeded: "charged"',
            'the saga is completed',
          ]);
        });
      },
    );

    survives('R9: when the attempts run out the outcome is unknown, and it is compensated', [ChargingSaga], async (app, calmly) => {
      const saga = await app.sagas.start(ChargingSaga, { charge: ['fails', 'fails', 'fails'] });
      const error = await errorOf(saga.result(), SagaCompensatedError);
      expect(error.failure).toEqual({ step: 'charge', kind: 'failed', code: 'BANK_DOWN', message: 'the bank does not answer' });
      expect(error.message).toBe(`charging ${saga.id} was compensated: charge failed (BANK_DOWN): the bank does not answer`);
      expect(world().deeds.at(-1)).toBe('refund of undefined (unknown)');
      await calmly(async () => {
        expect((await saga.view()).steps[0]).toMatchObject({ status: 'unknown', attempts: 3, compensation: { status: 'compensated' } });
      });
    });

    survives('R9: a refusal is certain: no further attempt, and nothing to compensate', [ChargingSaga], async (app, calmly) => {
      const saga = await app.sagas.start(ChargingSaga, { charge: ['is refused'] });
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({ step: 'charge', kind: 'rejected', code: 'CARD_DECLINED', message: 'the card was declined' });
      await calmly(async () => {
        expect(world().deeds).toEqual(['charge#1']);
        expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed', compensation: null });
      });
    });

    survives(
      'R9: a refusal after an attempt that may have had an effect leaves the outcome unknown',
      [ChargingSaga],
      async (app, calmly) => {
        const saga = await app.sagas.start(ChargingSaga, { charge: ['fails', 'is refused'] });
        const { failure } = await errorOf(saga.result(), SagaCompensatedError);
        expect(failure).toMatchObject({ step: 'charge', code: 'CARD_DECLINED' });
        await calmly(() => {
          expect(world().deeds).toEqual(['charge#1', 'charge#2', 'refund of undefined (unknown)']);
        });
      },
    );

    survives('R9: RetryLater says when to try again at the earliest', [ChargingSaga], async (app) => {
      const saga = await app.sagas.start(ChargingSaga, { charge: ['asks for later', 'succeeds'] });
      await saga.result();
      const [first, second] = (await saga.journal()).filter(({ kind }) => kind === 'attempt-started');
      expect(second!.at.getTime() - first!.at.getTime()).toBeGreaterThanOrEqual(30);
    });

    survives('R9: retryIf: false gives up at once', [PickySaga], async (app, calmly) => {
      const saga = await app.sagas.start(PickySaga, { charge: ['fails'] });
      await errorOf(saga.result(), SagaCompensatedError);
      await calmly(() => {
        expect(world().deeds).toEqual(['charge#1', 'refund']);
      });
    });

    it("R9: with onRejected: 'continue' a refusal ends the step, not the saga", async () => {
      const app = await boot({ sagas: [GiftCardFirstSaga] });
      const saga = await app.sagas.start(GiftCardFirstSaga, { charge: ['is refused'] });
      expect(await saga.result()).toEqual({ charge: undefined, say: 'by gift card: nothing' });
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed', error: { code: 'CARD_DECLINED' } });
    });

    survives("R9: with onRejected: 'continue' a refusal that is not certain still unwinds", [GiftCardFirstSaga], async (app, calmly) => {
      const saga = await app.sagas.start(GiftCardFirstSaga, { charge: ['fails', 'is refused'] });
      await errorOf(saga.result(), SagaCompensatedError);
      await calmly(() => {
        expect(world().deeds).toEqual(['charge#1', 'charge#2', 'refund']);
      });
    });

    it('R9, R12: a command that nobody takes was not sent: the step failed, is not tried again and not compensated', async () => {
      const app = await boot({ sagas: [ToNobodySaga] });
      const saga = await app.sagas.start(ToNobodySaga, {});
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({
        step: 'send',
        kind: 'failed',
        code: 'SAGA_STEP_FAULT',
        message: 'to-nobody.send returned NobodysCommand, which no handler here takes. Add a @CommandHandler, or participants: { …: … }.',
      });
      expect(world().deeds).toEqual(['send', 'undo first']);
    });

    it('reading the result of a step that is none of its dependencies is an error that names the mend', async () => {
      const app = await boot({ sagas: [NosySaga] });
      const saga = await app.sagas.start(NosySaga, {});
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure.message).toBe("nosy.right reads results.left, which it does not depend on. Add after: 'left'.");
    });
  });
}
