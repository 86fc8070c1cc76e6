import { randomUUID } from 'node:crypto';

import type { Type } from '@nestjs/common';
import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import {
  ChargeOutside,
  Deposit,
  LedgerService,
  PARTICIPANT,
  RefundOutside,
  TakeBack,
  until,
  type Visit,
  waitingForLocks,
} from '../../libs/saga/src/participant/participant.fixture.js';
import { eventually } from '../support/eventually.js';
import { inMemory } from '../support/in-memory.js';
import { forwardAttempt, LateWire } from '../support/late-wire.js';
import { describeStory, errorOf } from '../support/saga-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { BROKER_MS, describeOverEachTransport } from '../support/transports.js';
import { aborted, World } from '../support/world.js';

interface Saving {
  readonly account: string;
  readonly refused?: boolean;
}

type Context = SagaContext<Saving>;

/** Long enough for what is not late, short enough to be waited for. */
const TIMEOUT = 800;
const PATIENT = { attempts: 'unlimited', delay: 20, maxDelay: 200 } as const;
const UNDOING = { timeout: '5s', retry: PATIENT } as const;

@SagaDefinition<Saving>({ name: 'saving', retry: PATIENT })
class SavingSaga {
  constructor(protected readonly world: World) {}

  @SagaStep({ timeout: TIMEOUT })
  deposit({ input }: Context) {
    return new Deposit(input.account);
  }

  @Compensate('deposit', { ...UNDOING, timeout: TIMEOUT })
  takeBack({ input }: Context) {
    return new TakeBack(input.account);
  }

  @SagaStep({ kind: 'readonly' })
  async audit({ input }: Context) {
    if (!input.refused) return;
    await this.world.gate('audit').pass();
    throw new StepRejected('WRONG');
  }
}

/** Deployed while a command of the one before is on its way. */
@SagaDefinition<Saving>({ name: 'saving', retry: PATIENT })
class RenamedSavingSaga {
  @SagaStep({ was: 'deposit', timeout: TIMEOUT })
  pay({ input }: Context) {
    return new Deposit(input.account);
  }

  @Compensate('pay', UNDOING)
  payBack({ input }: Context) {
    return new TakeBack(input.account);
  }

  @SagaStep({ kind: 'readonly' })
  async audit() {}
}

/** Asks once. */
@SagaDefinition<Saving>({ name: 'hasty-saving', retry: { attempts: 1 } })
class HastySavingSaga {
  @SagaStep({ timeout: TIMEOUT })
  deposit({ input }: Context) {
    return new Deposit(input.account);
  }

  @Compensate('deposit', UNDOING)
  takeBack({ input }: Context) {
    return new TakeBack(input.account);
  }
}

@SagaDefinition<Saving>({ name: 'payment', retry: PATIENT })
class PaymentSaga {
  @SagaStep({ timeout: TIMEOUT })
  charge({ input }: Context) {
    return new ChargeOutside(input.account);
  }

  @Compensate('charge', UNDOING)
  refund({ input }: Context) {
    return new RefundOutside(input.account);
  }
}

/** Longer than any lease. */
const PAST_THE_LEASE_MS = 3_600_000;

describeOverEachTransport('messages that come late, or in another order', (transport) =>
  describeStory('between a saga and its participant', inMemory, ({ boot, place, world }) => {
    let database: TestDatabase;
    let ledger: LedgerService;
    let wire: LateWire;

    beforeAll(async () => {
      database = await createTestDatabase();
      ledger = await LedgerService.start(database.url, await transport.open());
    }, BROKER_MS);
    beforeEach(() => {
      wire = new LateWire(ledger.wire.client());
    });
    afterEach(async () => wire.close());
    afterAll(async () => {
      await ledger.stop();
      await database.drop();
    });

    const open = async (saga: Type<object>, client: LateWire['client'] | ReturnType<typeof ledger.wire.client> = wire.client) =>
      boot({ sagas: [saga], options: { participants: { [PARTICIPANT]: client }, worker: { shutdownTimeout: 1 } } });

    it('R25, R26: a reply that is lost after the commit: the next attempt gets the stored one', async () => {
      wire.isLateReply = forwardAttempt(1);
      const account = randomUUID();
      const saga = await (await open(SavingSaga)).sagas.start(SavingSaga, { account });
      expect((await wire.reply(1)).reply).toEqual({ kind: 'succeeded', result: { account } });
      expect(await ledger.lines(account)).toEqual(['deposit']);
      expect(await saga.result({ timeout: '20s' })).toEqual({ deposit: { account } });
      expect(await ledger.lines(account)).toEqual(['deposit']);
    });

    it('R10, R25: a compensation that comes before its action has nothing to do, and the action is refused when it comes', async () => {
      wire.isLateCommand = forwardAttempt(1);
      const account = randomUUID();
      const saga = await (await open(HastySavingSaga)).sagas.start(HastySavingSaga, { account });
      await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'unknown', compensation: { status: 'compensated' } });
      const refused = { kind: 'refused', error: { code: 'SAGA_COMPENSATED_BEFORE' }, effect: 'none' };
      expect(await (await wire.command(1)).arrive()).toMatchObject(refused);
      expect(await ledger.lines(account)).toEqual([]);
    });

    it("R25: a compensation that comes while its action's transaction is open waits for it, and undoes it", async () => {
      const account = randomUUID();
      ledger.script.when('deposit', account, async () => world().gate('deposit').pass());
      const saga = await (await open(HastySavingSaga)).sagas.start(HastySavingSaga, { account });
      await until(async () => waitingForLocks(ledger.database, 1));
      expect(ledger.script.calls).not.toContain(`take-back ${account}`);
      world().gate('deposit').open();
      await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    });

    it('R9, R10: a first attempt that charged and timed out, then a refusal: what was charged is refunded', async () => {
      const account = randomUUID();
      const keys: (string | undefined)[] = [];
      ledger.script.when('charge', account, async ({ context }: Visit) => {
        keys.push(context.idempotencyKey);
        if (keys.length > 1) throw new StepRejected('DECLINED', 'the card was declined');
        await aborted(context.signal);
        throw context.signal.reason as Error;
      });
      ledger.script.when('refund', account, ({ context }: Visit) => void keys.push(context.forwardIdempotencyKey));
      const saga = await (await open(PaymentSaga)).sagas.start(PaymentSaga, { account });
      expect((await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError)).failure).toMatchObject({ code: 'DECLINED' });
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'unknown', compensation: { status: 'compensated' } });
      expect(keys).toEqual([`${saga.id}:charge`, `${saga.id}:charge`, `${saga.id}:charge`]);
      expect(await ledger.lines(account)).toEqual(['refund']);
    });

    it('R9, R26: a copy of a command that failed comes when its saga has ended: it is not done any more, since nobody would undo it', async () => {
      const account = randomUUID();
      let calls = 0;
      ledger.script.when('deposit', account, () => {
        calls += 1;
        if (calls === 1) throw new Error('the disk is full');
      });
      const saga = await (await open(HastySavingSaga)).sagas.start(HastySavingSaga, { account });
      await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed', attempts: 1, compensation: null });
      expect(await ledger.send(wire.sent[0])).toMatchObject({ kind: 'failed', error: { code: 'SAGA_ATTEMPT_OVER' }, effect: 'none' });
      expect(await ledger.lines(account)).toEqual([]);
    });

    it('R15, R26: a participant that is down while its saga unwinds is asked until it is back', async () => {
      const own = await LedgerService.start(database.url, await transport.open());
      const account = randomUUID();
      const saga = await (await open(SavingSaga, own.wire.client())).sagas.start(SavingSaga, { account, refused: true });
      await world().gate('audit').reached;
      await own.stop();
      world().gate('audit').open();
      const { status } = await eventually(
        async () => saga.view(),
        ({ steps }) => (steps[0]?.compensation?.attempts ?? 0) > 1,
      );
      expect(status).toBe('compensating');
      const back = await LedgerService.start(database.url, own.wire);
      await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(await back.lines(account)).toEqual(['deposit', 'take-back']);
      await back.stop();
    });

    it('R18, R25: two nodes send the same command: it is done once, and both get its reply', async () => {
      wire.isLateCommand = forwardAttempt(1);
      const account = randomUUID();
      const { id } = await (await open(SavingSaga)).sagas.start(SavingSaga, { account });
      const first = await wire.command(1);
      await place().pass(PAST_THE_LEASE_MS);
      const other = await open(SavingSaga, ledger.wire.client());
      expect(await other.sagas.get(SavingSaga, id).result({ timeout: '20s' })).toEqual({ deposit: { account } });
      expect(await first.arrive()).toEqual({ kind: 'succeeded', result: { account } });
      expect(await ledger.lines(account)).toEqual(['deposit']);
    });

    it('R23, R25: a step is renamed while its command is on its way: it is done once', async () => {
      wire.isLateCommand = forwardAttempt(1);
      const account = randomUUID();
      const before = await open(SavingSaga);
      const { id } = await before.sagas.start(SavingSaga, { account });
      const first = await wire.command(1);
      await before.close();
      const after = await open(RenamedSavingSaga);
      expect(await after.sagas.get(RenamedSavingSaga, id).result({ timeout: '20s' })).toEqual({ pay: { account } });
      expect(await first.arrive()).toEqual({ kind: 'succeeded', result: { account } });
      expect(await ledger.lines(account)).toEqual(['deposit']);
    });
  }),
);
