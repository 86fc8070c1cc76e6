import type { Type } from '@nestjs/common';
import { Command } from '@nestjs/cqrs';
import { Compensate, CompensationContext, SagaCommand, SagaCompensatedError, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { inMemory } from '../support/in-memory.js';
import { describeStory, errorOf, told } from '../support/saga-app.js';
import { type Delivery, ScriptedParticipant } from '../support/scripted-participant.js';
import { World } from '../support/world.js';

/** Long enough for the answers that a test gives at once, short enough to be waited for. */
const TIMEOUT = 150;
/** Longer than a test on a busy machine takes to answer, shorter than the pause for which a node puts a saga away. */
const PAUSE = 1_900;

@SagaCommand({ name: 'bank.charge', participant: 'bank' })
class ChargeCard extends Command<string> {}

@SagaCommand({ name: 'bank.refund', participant: 'bank' })
class RefundCard extends Command<void> {}

@SagaDefinition({ name: 'order', retry: { attempts: 2 } })
class OrderSaga {
  @SagaStep({ timeout: TIMEOUT })
  charge() {
    return new ChargeCard();
  }

  @Compensate('charge', { timeout: TIMEOUT })
  refund() {
    return new RefundCard();
  }

  @SagaStep({ kind: 'readonly' })
  async ship() {}
}

/** It would try a third time. */
@SagaDefinition({ name: 'patient-order', retry: { attempts: 3 } })
class PatientOrderSaga extends OrderSaga {}

/** It tries on for as long as a test takes. */
@SagaDefinition({ name: 'tireless-order', retry: { attempts: 1_000 } })
class TirelessOrderSaga extends OrderSaga {}

/** The carrier is asked while the card is charged. */
@SagaDefinition({ name: 'hasty-order' })
class HastyOrderSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ after: [], timeout: '20s' })
  charge() {
    return new ChargeCard();
  }

  @Compensate('charge')
  refund({ outcome }: CompensationContext) {
    this.world.did(`refund what is ${outcome}`);
    return new RefundCard();
  }

  @SagaStep({ kind: 'readonly', after: [] })
  async ship() {
    await this.world.gate('ship').pass();
    throw new StepRejected('NO_CARRIER', 'nobody carries it');
  }
}

const charged = (delivery: Delivery): void => delivery.reply({ kind: 'succeeded', result: 'receipt' });

const byDirection =
  (forward: (delivery: Delivery) => void) =>
  (delivery: Delivery): void =>
    delivery.message.direction === 'forward' ? forward(delivery) : delivery.reply({ kind: 'succeeded' });

describeStory('replies that come late', inMemory, ({ boot, world }) => {
  let bank: ScriptedParticipant;

  beforeEach(() => {
    bank = new ScriptedParticipant();
  });

  const bootApp = async (saga: Type<object>) => boot({ sagas: [saga], options: { participants: { bank: bank.client } } });

  it('R14, R24: late success reply after unwinding began: it counts while its step is in flight, and is taken back', async () => {
    bank.answers = byDirection(() => undefined);
    const app = await bootApp(HastyOrderSaga);
    const saga = await app.sagas.start(HastyOrderSaga, {});
    const charge = await bank.delivery(1);
    world().gate('ship').open();
    await eventually(
      () => saga.view(),
      ({ status }) => status === 'compensating',
    );
    charged(charge);
    await errorOf(saga.result(), SagaCompensatedError);
    expect(world().deeds).toEqual(['refund what is succeeded']);
    expect(await told(saga)).toEqual([
      'the saga starts',
      'charge starts',
      'ship starts',
      'ship is refused: nobody carries it',
      'unwinding begins: ship rejected (nobody carries it)',
      'charge succeeded: "receipt"',
      'undo charge starts',
      'undo charge succeeded',
      'the saga is compensated',
    ]);
  });

  it('R10, R24: late success reply after unwinding has made the step unknown: it changes nothing, and what it did is taken back', async () => {
    bank.answers = () => undefined;
    const saga = await (await bootApp(OrderSaga)).sagas.start(OrderSaga, {});
    const refund = await bank.delivery(3);
    charged(await bank.delivery(2));
    await eventually(
      () => told(saga),
      (lines) => lines.some((line) => line.includes('is ignored')),
    );
    refund.reply({ kind: 'succeeded' });
    await errorOf(saga.result(), SagaCompensatedError);
    // On a busy machine the refund is sent more than once.
    const story = (await told(saga)).filter((line) => !/undo charge(#| fails)/.test(line));
    expect(story.slice(4)).toEqual([
      'charge is unknown (timed out): no answer within its timeout of 150ms',
      'unwinding begins: charge timed-out (no answer within its timeout of 150ms)',
      'ship is skipped: the saga unwinds',
      'undo charge starts',
      'a reply to charge#2 is ignored: the step is unknown',
      'undo charge succeeded',
      'the saga is compensated',
    ]);
  });

  it('R24: late success reply after the next attempt failed: while a further one may come, it counts', async () => {
    const failed = { kind: 'failed', error: { message: 'certainly nothing was done' }, effect: 'none', retryAfterMs: PAUSE } as const;
    bank.answers = ({ message, reply }) => (message.attempt === 2 ? reply(failed) : undefined);
    const saga = await (await bootApp(PatientOrderSaga)).sagas.start(PatientOrderSaga, {});
    await bank.delivery(2);
    await eventually(
      () => told(saga),
      (lines) => lines.includes('charge#2 fails: certainly nothing was done'),
    );
    charged(await bank.delivery(1));
    expect(await saga.result()).toEqual({ charge: 'receipt' });
    expect(bank.received).toEqual(['forward 1', 'forward 2']);
  });

  it('R9, R10, R24: late success reply after the last attempt certainly did nothing: it is in the journal, and taken back', async () => {
    const failed = { kind: 'failed', error: { message: 'certainly nothing was done' }, effect: 'none' } as const;
    bank.answers = ({ message, reply }) => (message.attempt === 2 && message.direction === 'forward' ? reply(failed) : undefined);
    const saga = await (await bootApp(OrderSaga)).sagas.start(OrderSaga, {});
    const refund = await bank.delivery(3);
    charged(await bank.delivery(1));
    await eventually(
      () => told(saga),
      (lines) => lines.includes('a reply to charge is ignored: the step is unknown'),
    );
    refund.reply({ kind: 'succeeded' });
    await errorOf(saga.result(), SagaCompensatedError);
    expect(refund.message).toMatchObject({ direction: 'compensation', forwardIdempotencyKey: `${saga.id}:charge` });
    expect(await told(saga)).toContain('charge is unknown: certainly nothing was done');
  });

  it('R24: late failure reply to an attempt that was given up: it is in the journal, and changes nothing', async () => {
    bank.answers = () => undefined;
    const saga = await (await bootApp(TirelessOrderSaga)).sagas.start(TirelessOrderSaga, {});
    const first = await bank.delivery(1);
    await bank.delivery(2);
    first.reply({ kind: 'failed', error: { message: 'the bank is closed' }, effect: 'none' });
    await eventually(
      () => told(saga),
      (lines) => lines.includes('a reply to charge is ignored: the attempt was given up before'),
    );
    bank.answers = charged;
    expect(await saga.result()).toEqual({ charge: 'receipt' });
  });

  it('R24: timeout against reply: whichever comes first, the card is charged once or not at all', async () => {
    // The answers come just as the attempts give up: some before, some after, some between two.
    bank.answers = byDirection((delivery) => void setTimeout(() => charged(delivery), TIMEOUT));
    const app = await bootApp(OrderSaga);
    const sagas = await Promise.all(Array.from({ length: 20 }, async () => app.sagas.start(OrderSaga, {})));
    for (const saga of sagas) {
      const end = await saga.result().then(
        () => 'completed',
        (error: Error) => error.name,
      );
      const lines = await told(saga);
      const isCharged = lines.some((line) => line.startsWith('charge succeeded'));
      expect({ end, undone: lines.includes('undo charge succeeded') }).toEqual(
        isCharged ? { end: 'completed', undone: false } : { end: 'SagaCompensatedError', undone: true },
      );
    }
  });
});
