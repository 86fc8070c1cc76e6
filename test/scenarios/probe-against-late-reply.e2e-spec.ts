import { Injectable } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type CommandStatus,
  Compensate,
  SagaCommand,
  SagaCommandContext,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  type SagaHandle,
  SagaHandler,
  type SagaStatusHandler,
  SagaStep,
} from 'nestjs-sagas';

import { HANDLERS, LedgerService, PARTICIPANT, RefundOutside } from '../../libs/saga/src/participant/participant.fixture.js';
import { eventually } from '../support/eventually.js';
import { inMemory } from '../support/in-memory.js';
import { forwardAttempt, LateWire } from '../support/late-wire.js';
import { describeStory, errorOf, told } from '../support/saga-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { aborted, World } from '../support/world.js';

interface Payment {
  readonly account: string;
}

@SagaCommand({ name: 'ledger.pay', participant: PARTICIPANT })
class Pay extends Command<string> {
  constructor(readonly account: string) {
    super();
  }
}

/** A bank outside: the test says what it does, and what it knows. */
@Injectable()
class Bank {
  readonly paid: string[] = [];
  /** How often somebody asked what became of a payment. */
  asked = 0;
  pay: (key: string, signal: AbortSignal) => Promise<string> = async () => Promise.reject(new Error('it is closed'));
  find: (key: string) => Promise<CommandStatus<string>> = async () => ({ outcome: 'unknown' });
}

@Injectable()
class PayStatus implements SagaStatusHandler<Pay> {
  constructor(
    private readonly bank: Bank,
    private readonly call: SagaCommandContext,
  ) {}

  async status(): Promise<CommandStatus<string>> {
    return this.bank.find(this.call.idempotencyKey);
  }
}

@SagaHandler({ external: true, status: PayStatus })
@CommandHandler(Pay)
class PayHandler implements ICommandHandler<Pay> {
  constructor(
    private readonly bank: Bank,
    private readonly call: SagaCommandContext,
  ) {}

  async execute(): Promise<string> {
    return this.bank.pay(this.call.idempotencyKey, this.call.signal);
  }
}

/** Long enough for the replies that are not late, short enough to be waited for. */
const TIMEOUT = 1_000;

@SagaDefinition<Payment>({ name: 'payment' })
class PaymentSaga {
  constructor(protected readonly world: World) {}

  @SagaStep({ timeout: TIMEOUT })
  pay({ input }: SagaContext<Payment>) {
    return new Pay(input.account);
  }

  @Compensate('pay')
  payBack({ input }: SagaContext<Payment>) {
    return new RefundOutside(input.account);
  }

  @SagaStep({ kind: 'readonly' })
  async ship() {
    await this.world.gate('ship').pass();
  }
}

/** Gives up after the second attempt. */
@SagaDefinition<Payment>({ name: 'hasty-payment', retry: { attempts: 2 } })
class HastyPaymentSaga extends PaymentSaga {}

const KNOWN = { outcome: 'succeeded', result: 'the bank knows it' } as const;

describeStory('a probe and a late reply', inMemory, ({ boot, world }) => {
  let database: TestDatabase;
  let ledger: LedgerService;
  let bank: Bank;
  let wire: LateWire;
  let accounts = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url, undefined, { handlers: [...HANDLERS, Bank, PayStatus, PayHandler] });
    bank = ledger.app.get(Bank);
  });
  beforeEach(() => {
    bank.paid.length = 0;
    wire = new LateWire(ledger.wire.client());
  });
  afterEach(async () => wire.close());
  afterAll(async () => {
    await ledger.stop();
    await database.drop();
  });

  const start = async (type: typeof PaymentSaga = PaymentSaga) => {
    const app = await boot({ sagas: [type], options: { participants: { [PARTICIPANT]: wire.client } } });
    const account = `account-${(accounts += 1)}`;
    return { account, saga: await app.sagas.start(type, { account }) };
  };

  /** It pays, and its answer gets lost. */
  const paysWithoutAnswer = async (key: string): Promise<never> => {
    bank.paid.push(key);
    throw new Error('the answer of the bank is lost');
  };

  /** What it knows, question by question; from then on the last. */
  const finds = (...answers: readonly (() => Promise<CommandStatus<string>>)[]): void => {
    bank.asked = 0;
    bank.find = async () => answers[Math.min((bank.asked += 1), answers.length) - 1]!();
  };
  const nothingIsKnown = async () => ({ outcome: 'unknown' }) as const;
  const itPaid = async () => KNOWN;
  const itDidNot = async () => ({ outcome: 'failed' }) as const;

  const refunds = (account: string) => ledger.script.calls.filter((call) => call === `refund ${account}`);

  const toldOf = async (saga: SagaHandle, line: string) =>
    eventually(
      () => told(saga),
      (lines) => lines.includes(line),
    );

  /** What the saga does with a message that has arrived it has done. */
  const taken = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

  it('R24, R25: the first attempt is given up, the probe knows that it paid, the saga goes on; the late reply changes nothing', async () => {
    bank.pay = async (key, signal) => {
      await aborted(signal);
      return paysWithoutAnswer(key);
    };
    finds(itPaid);
    wire.isLateReply = forwardAttempt(1);
    const { account, saga } = await start();
    await world().gate('ship').reached;
    const before = await told(saga);
    expect(before.filter((line) => line.startsWith('pay succeeded'))).toEqual([`pay succeeded: "${KNOWN.result}"`]);
    expect(before).toContain(`pay fails: no answer within its timeout of ${TIMEOUT}ms`);

    const reply = await wire.reply(1);
    expect(reply.reply).toEqual({ kind: 'succeeded', result: KNOWN.result });
    reply.arrive();
    const ignored = 'a reply to pay is ignored: the step is succeeded';
    expect(await toldOf(saga, ignored)).toEqual([...before, ignored]);
    world().gate('ship').open();
    expect(await saga.result()).toEqual({ pay: KNOWN.result });
    expect({ paid: bank.paid, asked: bank.asked, refunds: refunds(account) }).toEqual({ paid: [`${saga.id}:pay`], asked: 1, refunds: [] });
  });

  it('R24, R25: a late failure that arrives while the probe is on its way leaves the word to the probe', async () => {
    bank.pay = paysWithoutAnswer;
    finds(nothingIsKnown, async () => {
      await world().gate('the bank').pass();
      return KNOWN;
    });
    wire.isLateReply = forwardAttempt(1);
    const { account, saga } = await start();
    const reply = await wire.reply(1);
    expect(reply.reply).toMatchObject({ kind: 'failed', effect: 'possible' });
    await world().gate('the bank').reached;
    reply.arrive();
    await taken();
    expect((await saga.view()).steps[0]).toMatchObject({ status: 'started' });
    for (const gate of ['the bank', 'ship']) world().gate(gate).open();
    expect(await saga.result()).toEqual({ pay: KNOWN.result });
    expect({ paid: bank.paid, refunds: refunds(account) }).toEqual({ paid: [`${saga.id}:pay`], refunds: [] });
  });

  it('R24: what the probe of the first attempt says late counts while the second is on its way, whose reply changes nothing then', async () => {
    bank.pay = paysWithoutAnswer;
    finds(async () => {
      await world().gate('the bank').pass();
      return KNOWN;
    });
    wire.isLateReply = forwardAttempt(2);
    const { account, saga } = await start();
    await toldOf(saga, 'pay#2 starts');
    world().gate('the bank').open();
    await world().gate('ship').reached;
    const before = await told(saga);
    expect(before.slice(1)).toEqual([
      'pay starts',
      `pay fails: no answer within its timeout of ${TIMEOUT}ms`,
      'pay#2 starts',
      `pay succeeded: "${KNOWN.result}"`,
      'ship starts',
    ]);
    (await wire.reply(2)).arrive();
    const ignored = 'a reply to pay#2 is ignored: the step is succeeded';
    expect(await toldOf(saga, ignored)).toEqual([...before, ignored]);
    world().gate('ship').open();
    expect(await saga.result()).toEqual({ pay: KNOWN.result });
    expect({ paid: bank.paid, asked: bank.asked, refunds: refunds(account) }).toEqual({ paid: [`${saga.id}:pay`], asked: 1, refunds: [] });
  });

  it('R25: where the reply was stored, nobody is probed: the next attempt gets it, and the late one changes nothing', async () => {
    bank.pay = async (key) => {
      bank.paid.push(key);
      return 'a receipt';
    };
    finds(itDidNot);
    wire.isLateReply = forwardAttempt(1);
    const { saga } = await start();
    await world().gate('ship').reached;
    (await wire.reply(1)).arrive();
    await toldOf(saga, 'a reply to pay is ignored: the step is succeeded');
    world().gate('ship').open();
    expect(await saga.result()).toEqual({ pay: 'a receipt' });
    expect({ paid: bank.paid, asked: bank.asked }).toEqual({ paid: [`${saga.id}:pay`], asked: 0 });
  });

  it('R9, R10, R25: the probe says that nothing was done: the saga unwinds, nothing is refunded, and the late failure changes nothing', async () => {
    bank.pay = async () => Promise.reject(new Error('the bank is closed'));
    finds(nothingIsKnown, itDidNot);
    wire.isLateReply = forwardAttempt(1);
    const { account, saga } = await start(HastyPaymentSaga);
    await errorOf(saga.result(), SagaCompensatedError);
    // Nobody knows here what became of the first attempt. The participant does: its compensation has nothing to do.
    expect((await saga.view()).steps[0]).toMatchObject({ status: 'unknown', compensation: { status: 'compensated' } });
    const before = await told(saga);
    const reply = await wire.reply(1);
    expect(reply.reply).toMatchObject({ kind: 'failed', effect: 'possible' });
    reply.arrive();
    await taken();
    expect(await told(saga)).toEqual(before);
    expect({ paid: bank.paid, refunds: refunds(account) }).toEqual({ paid: [], refunds: [] });
  });
});
