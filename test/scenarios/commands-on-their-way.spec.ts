import { Command } from '@nestjs/cqrs';
import { Compensate, SagaCommand, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { inMemory } from '../support/in-memory.js';
import { describeStory, errorOf, told } from '../support/saga-app.js';
import { type Delivery, ScriptedParticipant } from '../support/scripted-participant.js';

@SagaCommand({ name: 'bank.charge', participant: 'bank' })
class ChargeCard extends Command<string> {}

@SagaCommand({ name: 'bank.refund', participant: 'bank' })
class RefundCard extends Command<void> {}

interface Order {
  readonly refused?: boolean;
}

@SagaDefinition<Order>({ name: 'order' })
class OrderSaga {
  @SagaStep()
  charge() {
    return new ChargeCard();
  }

  @Compensate('charge')
  refund() {
    return new RefundCard();
  }
}

/** The same saga, deployed while a command of the one before is on its way. */
@SagaDefinition<Order>({ name: 'order' })
class RenamedOrderSaga {
  @SagaStep({ was: 'charge' })
  pay() {
    return new ChargeCard();
  }

  @Compensate('pay')
  payBack() {
    return new RefundCard();
  }

  @SagaStep({ kind: 'readonly' })
  async ship({ input }: SagaContext<Order>) {
    if (input.refused) throw new StepRejected('NO_CARRIER');
  }
}

/** Longer than any lease. */
const PAST_THE_LEASE_MS = 3_600_000;

const receipt = (delivery: Delivery): void =>
  delivery.reply(delivery.message.direction === 'forward' ? { kind: 'succeeded', result: 'receipt' } : { kind: 'succeeded' });

describeStory('commands on their way', inMemory, ({ boot, place }) => {
  let bank: ScriptedParticipant;
  const options = () => ({ participants: { bank: bank.client }, worker: { shutdownTimeout: 1 } });

  beforeEach(() => {
    bank = new ScriptedParticipant();
  });

  /** Sent under the step's former name, and not answered when its node stops. */
  const sentByFormer = async (order: Order): Promise<string> => {
    const before = await boot({ sagas: [OrderSaga], options: options() });
    const { id } = await before.sagas.start(OrderSaga, order);
    await bank.delivery(1);
    await before.close();
    return id;
  };

  it('R23, R25: a step that is renamed meanwhile asks again under the name and the key that its participant knows', async () => {
    const id = await sentByFormer({});
    bank.answers = receipt;
    const after = await boot({ sagas: [RenamedOrderSaga], options: options() });
    expect(await after.sagas.get(RenamedOrderSaga, id).result()).toEqual({ pay: 'receipt' });
    const [first, again] = bank.deliveries.map(({ message }) => message);
    expect(again).toMatchObject({ step: 'charge', attempt: 2, round: 1, idempotencyKey: first?.idempotencyKey });
  });

  it('R23, R25: and is undone under them', async () => {
    const id = await sentByFormer({ refused: true });
    bank.answers = receipt;
    const after = await boot({ sagas: [RenamedOrderSaga], options: options() });
    await errorOf(after.sagas.get(RenamedOrderSaga, id).result(), SagaCompensatedError);
    const [first, , undoing] = bank.deliveries.map(({ message }) => message);
    expect(undoing).toMatchObject({ step: 'charge', direction: 'compensation', forwardIdempotencyKey: first?.idempotencyKey });
  });

  it('R18, R25: two nodes that send the same command send the same key, and the answer that counts is the new owner’s', async () => {
    const frozen = await boot({ sagas: [OrderSaga], options: options() });
    const { id } = await frozen.sagas.start(OrderSaga, {});
    const first = await bank.delivery(1);
    await place().pass(PAST_THE_LEASE_MS);
    const other = await boot({ sagas: [OrderSaga], options: options() });
    const second = await bank.delivery(2);
    expect(second.message).toMatchObject({ step: 'charge', attempt: 2, idempotencyKey: first.message.idempotencyKey });
    first.reply({ kind: 'succeeded', result: 'told to who owns it no more' });
    second.reply({ kind: 'succeeded', result: 'told to the owner' });
    const saga = other.sagas.get(OrderSaga, id);
    expect(await saga.result()).toEqual({ charge: 'told to the owner' });
    expect((await told(saga)).filter((line) => line.startsWith('charge succeeded'))).toEqual(['charge succeeded: "told to the owner"']);
  });
});
