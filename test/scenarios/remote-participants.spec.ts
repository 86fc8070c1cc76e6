import { Command } from '@nestjs/cqrs';
import {
  Compensate,
  CompensationContext,
  SagaCommand,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaStep,
  SagaStuckError,
  StepRejected,
} from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { inMemory } from '../support/in-memory.js';
import { describeStory, errorOf, told } from '../support/saga-app.js';
import { type Delivery, ScriptedParticipant } from '../support/scripted-participant.js';
import { World } from '../support/world.js';

/** Long enough for the answers that a test gives at once, short enough to be waited for. */
const TIMEOUT = 150;

@SagaCommand({ name: 'bank.charge', participant: 'bank' })
class ChargeCard extends Command<{ readonly chargedOn: Date }> {
  constructor(
    readonly card: string,
    readonly dueOn: Date,
  ) {
    super();
  }
}

@SagaCommand({ name: 'bank.refund', participant: 'bank' })
class RefundCard extends Command<void> {
  constructor(readonly card: string) {
    super();
  }
}

@SagaCommand({ name: 'bank.charge-all', participant: 'bank' })
class ChargeAll extends Command<void> {
  toJSON() {
    return ['c-1', 'c-2'];
  }
}

@SagaDefinition({ name: 'list' })
class ListSaga {
  @SagaStep({ kind: 'readonly' })
  charge() {
    return new ChargeAll();
  }
}

interface Order {
  readonly card: string;
  readonly waits?: boolean;
  readonly refused?: boolean;
}

@SagaDefinition<Order>({ name: 'order', retry: { attempts: 2 } })
class OrderSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ timeout: TIMEOUT })
  charge({ input }: SagaContext<Order>) {
    return new ChargeCard(input.card, new Date(0));
  }

  @Compensate('charge', { timeout: TIMEOUT })
  refund({ input, outcome }: CompensationContext<Order>, charged: { readonly chargedOn: Date } | undefined) {
    this.world.did(`refund what is ${outcome}, charged in ${charged?.chargedOn.getUTCFullYear()}`);
    return new RefundCard(input.card);
  }

  @SagaStep({ kind: 'readonly' })
  async ship({ input }: SagaContext<Order>) {
    if (input.waits) await this.world.gate('ship').pass();
    if (input.refused) throw new StepRejected('NO_CARRIER');
  }
}

@SagaDefinition<{ readonly refused: boolean }>({ name: 'transactional-order' })
class TransactionalOrderSaga {
  @SagaStep({ transactional: true, when: ({ input }) => !input.refused })
  charge(): ChargeCard | undefined {
    return new ChargeCard('c-1', new Date(0));
  }

  @Compensate('charge')
  async leaveIt() {}

  @SagaStep({ transactional: true })
  async open() {}

  @Compensate('open')
  close() {
    return new RefundCard('c-1');
  }

  @SagaStep({ kind: 'readonly' })
  async ship() {
    throw new StepRejected('NO_CARRIER');
  }
}

const charged = (delivery: Delivery): void =>
  delivery.reply({ kind: 'succeeded', result: { chargedOn: { $date: '2026-01-01T00:00:00.000Z' } } });

const byDirection =
  (forward: (delivery: Delivery) => void) =>
  (delivery: Delivery): void =>
    delivery.message.direction === 'forward' ? forward(delivery) : delivery.reply({ kind: 'succeeded' });

describeStory('remote participants', inMemory, ({ boot, world }) => {
  let bank: ScriptedParticipant;

  beforeEach(() => {
    bank = new ScriptedParticipant();
  });

  const start = async (order: Order = { card: 'c-1' }) => {
    const app = await boot({ sagas: [OrderSaga], options: { participants: { bank: bank.client } } });
    return app.sagas.start(OrderSaga, order, { metadata: { tenant: 't-1' } });
  };

  it('a command goes to its participant, and its reply is the result of the step', async () => {
    bank.answers = charged;
    const saga = await start();
    expect(await saga.result()).toEqual({ charge: { chargedOn: new Date('2026-01-01T00:00:00.000Z') } });
    expect(bank.received).toEqual(['forward 1']);
  });

  it('R24: a command carries all by which its saga, its step and its attempt are known', async () => {
    bank.answers = byDirection(charged);
    const saga = await start({ card: 'c-1', refused: true });
    await errorOf(saga.result(), SagaCompensatedError);
    const [action, compensation] = bank.deliveries.map(({ message }) => message);
    const common = { protocol: 1, saga: 'order', sagaId: saga.id, step: 'charge', round: 1, attempt: 1, timeoutMs: TIMEOUT };
    expect(bank.deliveries[0]?.pattern).toBe('nestjs-sagas.bank');
    expect(action).toEqual({
      ...common,
      messageId: expect.any(String),
      direction: 'forward',
      idempotencyKey: `${saga.id}:charge`,
      firstSentAt: expect.any(Number),
      command: 'bank.charge',
      payload: { card: 'c-1', dueOn: { $date: '1970-01-01T00:00:00.000Z' } },
      metadata: { tenant: 't-1' },
    });
    expect(compensation).toEqual({
      ...common,
      messageId: expect.any(String),
      direction: 'compensation',
      idempotencyKey: `${saga.id}:charge:compensation`,
      forwardIdempotencyKey: `${saga.id}:charge`,
      firstSentAt: expect.any(Number),
      forwardFirstSentAt: action?.firstSentAt,
      command: 'bank.refund',
      payload: { card: 'c-1' },
      metadata: { tenant: 't-1' },
    });
    expect(compensation?.messageId).not.toBe(action?.messageId);
    expect(world().deeds).toEqual(['refund what is succeeded, charged in 2026']);
  });

  it('R24: the trace that the start named goes with every command; what is no trace stays in the metadata', async () => {
    bank.answers = byDirection(charged);
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'rojo=1' };
    const app = await boot({ sagas: [OrderSaga], options: { participants: { bank: bank.client } } });
    const traced = await app.sagas.start(OrderSaga, { card: 'c-1', refused: true }, { metadata: { tenant: 't-1', ...trace } });
    await errorOf(traced.result(), SagaCompensatedError);
    const untraced = await app.sagas.start(OrderSaga, { card: 'c-2' }, { metadata: { traceparent: 'none' } });
    await untraced.result();
    expect(bank.deliveries.map(({ message }) => message)).toMatchObject([
      { direction: 'forward', metadata: { tenant: 't-1', ...trace }, ...trace },
      { direction: 'compensation', metadata: { tenant: 't-1', ...trace }, ...trace },
      { direction: 'forward', metadata: { traceparent: 'none' } },
    ]);
    expect(bank.deliveries[2]?.message).not.toHaveProperty('traceparent');
  });

  it('R5: a command that would be no object at the participant is not sent, and the step says why', async () => {
    const app = await boot({ sagas: [ListSaga], options: { participants: { bank: bank.client } } });
    const saga = await app.sagas.start(ListSaga, {});
    expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({
      message: 'list.charge: ChargeAll is no object once its toJSON() was called: let it give one, with the properties.',
    });
    expect(bank.received).toEqual([]);
  });

  describe('R9: what the participant knows of its effect decides', () => {
    const error = { code: 'DECLINED', message: 'the card was declined', details: { limit: 3 } };

    it('refused without an effect: certainly nothing to undo', async () => {
      bank.answers = (delivery) => delivery.reply({ kind: 'refused', error, effect: 'none' });
      const saga = await start();
      expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toEqual({ step: 'charge', kind: 'rejected', ...error });
      expect(bank.received).toEqual(['forward 1']);
    });

    it('refused, and an earlier attempt may have had an effect: compensated', async () => {
      bank.answers = byDirection((delivery) => delivery.reply({ kind: 'refused', error, effect: 'possible' }));
      const saga = await start();
      await errorOf(saga.result(), SagaCompensatedError);
      expect(bank.received).toEqual(['forward 1', 'compensation 1']);
      expect(world().deeds).toEqual(['refund what is unknown, charged in undefined']);
    });

    it('failed without an effect in all attempts: failed, and nothing to undo', async () => {
      bank.answers = (delivery) => delivery.reply({ kind: 'failed', error, effect: 'none' });
      const saga = await start();
      expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({ step: 'charge', code: 'DECLINED' });
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed', attempts: 2, compensation: null });
      expect(bank.received).toEqual(['forward 1', 'forward 2']);
    });

    it('failed with a possible effect in all attempts: unknown, and compensated', async () => {
      bank.answers = byDirection((delivery) => delivery.reply({ kind: 'failed', error, effect: 'possible' }));
      const saga = await start();
      await errorOf(saga.result(), SagaCompensatedError);
      expect(bank.received).toEqual(['forward 1', 'forward 2', 'compensation 1']);
    });

    it('a connection that was refused carried nothing', async () => {
      bank.answers = (delivery) => delivery.breaks(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
      const saga = await start();
      expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({ code: 'ECONNREFUSED' });
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed', attempts: 2, compensation: null });
    });

    it('a connection that broke may have carried the command', async () => {
      bank.answers = byDirection((delivery) => delivery.breaks(new Error('Connection closed')));
      const saga = await start();
      expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({ message: 'Connection closed' });
      expect(bank.received).toEqual(['forward 1', 'forward 2', 'compensation 1']);
    });
  });

  describe('R18: what a participant did would not roll back with a transaction', () => {
    const startTransactional = async (refused: boolean) => {
      const app = await boot({ sagas: [TransactionalOrderSaga], options: { participants: { bank: bank.client } } });
      return app.sagas.start(TransactionalOrderSaga, { refused });
    };

    it('a transactional step sends nothing, and tells the mend', async () => {
      const saga = await startTransactional(false);
      expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({
        step: 'charge',
        message:
          'transactional-order.charge is transactional and returned ChargeCard, which participant bank handles: its effect would not roll back. Remove transactional: true.',
      });
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed', attempts: 1, compensation: null });
      expect(bank.received).toEqual([]);
    });

    it('nor does a transactional compensation: it fails, and the saga waits for an operator', async () => {
      const saga = await startTransactional(true);
      const { failure } = await errorOf(saga.result(), SagaStuckError);
      expect(failure.left?.[0]?.why).toContain(
        'the compensation of transactional-order.open is transactional and returned RefundCard, which participant bank handles',
      );
      expect(bank.received).toEqual([]);
    });
  });

  it('R16, R25: an operator opens a new round: the same command under the same key, first sent when it first was', async () => {
    const closed = { kind: 'refused', error: { message: 'the account is closed' }, effect: 'none' } as const;
    bank.answers = (delivery) => {
      const { direction, round } = delivery.message;
      if (direction === 'forward') charged(delivery);
      else delivery.reply(round === 1 ? closed : { kind: 'succeeded' });
    };
    const saga = await start({ card: 'c-1', refused: true });
    await errorOf(saga.result(), SagaStuckError);
    await saga.retry({ operator: 'ann', reason: 'the account is open again' });
    await errorOf(saga.result(), SagaCompensatedError);
    const [, first, again] = bank.deliveries.map(({ message }) => message);
    expect(first).toMatchObject({ direction: 'compensation', round: 1, attempt: 1 });
    expect(again).toEqual({ ...first, round: 2, attempt: 2, messageId: again?.messageId });
  });

  describe('a wire that loses, repeats and delays', () => {
    it('R26: without a reply the same command is sent again, under the same key', async () => {
      bank.answers = (delivery) => (delivery.message.attempt === 1 ? undefined : charged(delivery));
      const saga = await start();
      await saga.result();
      const [first, again] = bank.deliveries.map(({ message }) => message);
      expect(again).toEqual({ ...first, attempt: 2, messageId: again?.messageId });
      expect(again?.messageId).not.toBe(first?.messageId);
    });

    it('R26: a compensation without a reply is sent again too', async () => {
      bank.answers = (delivery) => {
        const { direction, attempt } = delivery.message;
        if (direction === 'forward') charged(delivery);
        else if (attempt === 2) delivery.reply({ kind: 'succeeded' });
      };
      const saga = await start({ card: 'c-1', refused: true });
      await errorOf(saga.result(), SagaCompensatedError);
      expect(bank.received).toEqual(['forward 1', 'compensation 1', 'compensation 2']);
      const [, first, again] = bank.deliveries.map(({ message }) => message);
      expect(again).toEqual({ ...first, attempt: 2, messageId: again?.messageId });
    });

    it('R24: the reply to an earlier attempt settles the step while it is open', async () => {
      const saga = await start();
      await bank.delivery(2);
      charged(await bank.delivery(1));
      expect(await saga.result()).toMatchObject({ charge: { chargedOn: new Date('2026-01-01T00:00:00.000Z') } });
      expect(bank.received).toEqual(['forward 1', 'forward 2']);
    });

    it('R24: a second reply to a settled step changes nothing', async () => {
      const saga = await start({ card: 'c-1', waits: true });
      const [first, second] = [await bank.delivery(1), await bank.delivery(2)];
      charged(first);
      await world().gate('ship').reached;
      charged(first);
      second.reply({ kind: 'refused', error: { message: 'too late' }, effect: 'none' });
      await eventually(
        () => told(saga),
        (lines) => lines.some((line) => line.startsWith('a reply to charge#2 is ignored')),
      );
      world().gate('ship').open();
      expect(await saga.result()).toMatchObject({ charge: { chargedOn: new Date('2026-01-01T00:00:00.000Z') } });
    });

    it('R24: a reply that comes when the saga has unwound changes nothing', async () => {
      bank.answers = byDirection(() => undefined);
      const saga = await start();
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      const before = await told(saga);
      charged(await bank.delivery(1));
      charged(await bank.delivery(2));
      await new Promise((resolve) => setImmediate(resolve));
      expect(failure).toMatchObject({ step: 'charge', kind: 'timed-out' });
      expect(await told(saga)).toEqual(before);
      expect(bank.received).toEqual(['forward 1', 'forward 2', 'compensation 1']);
    });
  });

  describe('a reply that is none', () => {
    it.each<[string, unknown]>([
      ['of a kind that is not known', { kind: 'maybe' }],
      ['text', 'charged'],
      ['null', null],
      ['a refusal without its error', { kind: 'refused', effect: 'none' }],
      ['an error whose message is no text', { kind: 'failed', error: { message: 7 }, effect: 'none' }],
      ['an error whose code is no text', { kind: 'failed', error: { message: 'no', code: 7 }, effect: 'none' }],
      ['an effect that is not known', { kind: 'refused', error: { message: 'no' }, effect: 'some' }],
      ['no effect', { kind: 'failed', error: { message: 'no' } }],
      ['a pause that is no number', { kind: 'failed', error: { message: 'no' }, effect: 'none', retryAfterMs: 'soon' }],
      ['a result that PostgreSQL cannot store', { kind: 'succeeded', result: { text: 'a\0b' } }],
      ['a result that is no stored form', { kind: 'succeeded', result: { $date: 'yesterday' } }],
      ['a result that is too large', { kind: 'succeeded', result: 'x'.repeat(300_000) }],
      ['a result that is nested too deep', { kind: 'succeeded', result: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) }],
      ['details that PostgreSQL cannot store', { kind: 'refused', error: { message: 'no', details: '\ud800' }, effect: 'none' }],
    ])('R9, R24: %s is told as a bad reply, and its effect is unknown', async (_, garbled) => {
      bank.answers = byDirection((delivery) => delivery.reply({ garbled }));
      const saga = await start();
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'charge', code: 'SAGA_BAD_REPLY' });
      expect(failure.message.length).toBeLessThan(600);
      expect(bank.received).toEqual(['forward 1', 'forward 2', 'compensation 1']);
    });

    it('R32: a key that would reach into all objects is a key like any other', async () => {
      const result: unknown = JSON.parse('{ "__proto__": { "polluted": true }, "constructor": { "prototype": { "polluted": true } } }');
      bank.answers = (delivery) => delivery.reply({ garbled: { kind: 'succeeded', result } });
      const saga = await start();
      expect(Object.keys((await saga.result())?.charge as object)).toEqual(['__proto__', 'constructor']);
      expect({}).not.toHaveProperty('polluted');
    });

    it('R32: what a message cannot keep is left out of it, and the rest is believed', async () => {
      const error = { message: `no\0 ${'x'.repeat(5_000)}`, code: 'D\0CLINED' };
      bank.answers = (delivery) => delivery.reply({ kind: 'refused', error, effect: 'none' });
      const saga = await start();
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toMatchObject({ kind: 'rejected', code: 'DCLINED', message: expect.stringMatching(/^no x{1900}/) });
    });
  });
});
