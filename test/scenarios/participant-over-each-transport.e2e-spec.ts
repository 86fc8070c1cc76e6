import { randomUUID } from 'node:crypto';

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

import { Deposit, LedgerService, PARTICIPANT, TakeBack } from '../../libs/saga/src/participant/participant.fixture.js';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.js';
import { eventually } from '../support/eventually.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf } from '../support/saga-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { BROKER_MS, describeOverEachTransport } from '../support/transports.js';

interface Saving {
  readonly account: string;
  readonly refused?: boolean;
}

/** Long for a reply, short for a test that loses one: over a broker nobody is told that a connection broke. */
const TIMEOUT = '2s';

/** While a client looks for its broker again, attempts end at once: they must not run out before it finds it. */
@SagaDefinition<Saving>({ name: 'saving', retry: { attempts: 1_000 } })
class SavingSaga {
  @SagaStep({ timeout: TIMEOUT })
  deposit({ input }: SagaContext<Saving>) {
    return new Deposit(input.account);
  }

  @Compensate('deposit', { timeout: TIMEOUT })
  takeBack({ input }: CompensationContext<Saving>) {
    return new TakeBack(input.account);
  }

  @SagaStep({ kind: 'readonly' })
  async audit({ input }: SagaContext<Saving>) {
    if (input.refused === true) throw new StepRejected('WRONG');
  }
}

/** Past the pivot: a refusal leaves it stuck. */
@SagaDefinition<Saving>({ name: 'interest' })
class InterestSaga {
  @SagaStep({ kind: 'pivot' })
  async close() {}

  @SagaStep()
  deposit({ input }: SagaContext<Saving>) {
    return new Deposit(input.account);
  }
}

@SagaCommand({ name: 'post.deliver', participant: 'post' })
class Deliver extends Command<void> {}

@SagaDefinition({ name: 'stray', retry: { attempts: 2 } })
class StraySaga {
  @SagaStep()
  send() {
    return new Deliver();
  }

  @Compensate('send')
  async callBack() {}
}

/** Gives up soon. */
@SagaDefinition<Saving>({ name: 'hasty-saving', retry: { attempts: 2 } })
class HastySaga {
  @SagaStep({ timeout: '500ms' })
  deposit({ input }: SagaContext<Saving>) {
    return new Deposit(input.account);
  }

  @Compensate('deposit', { timeout: TIMEOUT })
  takeBack({ input }: CompensationContext<Saving>) {
    return new TakeBack(input.account);
  }
}

/** Does not give up. */
@SagaDefinition<Saving>({ name: 'patient-saving', retry: { attempts: 'unlimited', maxDelay: '500ms' } })
class PatientSaga {
  @SagaStep({ kind: 'pivot', timeout: TIMEOUT })
  deposit({ input }: SagaContext<Saving>) {
    return new Deposit(input.account);
  }
}

const BY = { operator: 'ann', reason: 'the account is open again' };

describeOverEachTransport('a participant', (transport) =>
  describeStory('of a saga', onPostgres(), ({ boot }) => {
    let database: TestDatabase;
    let ledger: LedgerService;
    let wire: CuttingProxy;

    beforeAll(async () => {
      database = await createTestDatabase();
      ledger = await LedgerService.start(database.url, await transport.open());
      wire = await startCuttingProxy(`tcp://127.0.0.1:${ledger.wire.port}`);
    }, BROKER_MS);
    afterAll(async () => {
      await wire.close();
      await ledger.stop();
      await database.drop();
    });

    const start = async (saving: Saving) => (await open()).sagas.start(SavingSaga, saving);

    const open = async (client = ledger.wire.client(Number(new URL(wire.url).port))) =>
      boot({ sagas: [SavingSaga, InterestSaga, HastySaga, PatientSaga], options: { participants: { [PARTICIPANT]: client } } });

    it('does what a step asks, and undoes it', async () => {
      const account = randomUUID();
      const saga = await start({ account, refused: true });
      await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    });

    it.each(['unsent', 'unanswered'] as const)('R25, R26: a command that stays %s is sent again, and done once', async (how) => {
      const account = randomUUID();
      const cut = wire.cutNext({ request: account, how });
      const saga = await start({ account });
      await cut;
      expect(await saga.result({ timeout: '20s' })).toEqual({ deposit: { account } });
      expect(await ledger.lines(account)).toEqual(['deposit']);
    });

    it('R25, R26: the same holds of a compensation', async () => {
      const account = randomUUID();
      const saga = start({ account, refused: true });
      await wire.cutNext({ request: 'ledger.take-back', how: 'unanswered' });
      await errorOf((await saga).result({ timeout: '20s' }), SagaCompensatedError);
      expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    });

    it('R16, R25: what refused a step is asked anew when an operator has it tried again', async () => {
      const account = randomUUID();
      ledger.script.when('deposit', account, () => {
        throw new StepRejected('CLOSED', 'the account is closed');
      });
      const saga = await (await open()).sagas.start(InterestSaga, { account });
      await errorOf(saga.result({ timeout: '20s' }), SagaStuckError);
      ledger.script.when('deposit', account, () => undefined);
      await saga.retry(BY);
      expect(await saga.result({ timeout: '20s' })).toMatchObject({ deposit: { account } });
      expect(ledger.script.calls.filter((call) => call === `deposit ${account}`)).toHaveLength(2);
      expect(await ledger.lines(account)).toEqual(['deposit']);
    });

    it('R16, R25: the same holds of a refused compensation', async () => {
      const account = randomUUID();
      ledger.script.when('take-back', account, () => {
        throw new StepRejected('CLOSED', 'the account is closed');
      });
      const saga = await start({ account, refused: true });
      await errorOf(saga.result({ timeout: '20s' }), SagaStuckError);
      expect(await ledger.lines(account)).toEqual(['deposit']);
      ledger.script.when('take-back', account, () => undefined);
      await saga.retry(BY);
      await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    });

    it('R10: one that is down leaves nothing behind, wherever its commands got to', async () => {
      const down = await transport.open();
      const account = randomUUID();
      const saga = await (await open(down.client())).sagas.start(HastySaga, { account });
      const settled = await eventually(
        async () => (await saga.view()).steps[0],
        (step) => step?.status === 'failed' || step?.status === 'unknown',
      );
      expect(settled).toMatchObject(transport.tellsOfNobody ? { status: 'failed', compensation: null } : { status: 'unknown' });
      const service = await LedgerService.start(database.url, down);
      await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      // A broker that kept them delivers both, in their order.
      expect([[], ['deposit', 'take-back']]).toContainEqual(await service.lines(account));
      await service.stop();
    });

    if (transport.tellsOfNobody) {
      it('R9: what nobody listens for was not done, and the saga says how to mend it', async () => {
        const app = await boot({ sagas: [StraySaga], options: { participants: { post: ledger.wire.client() } } });
        const saga = await app.sagas.start(StraySaga, {});
        expect((await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError)).failure).toMatchObject({
          code: expect.stringMatching(/^SAGA_(NOT_A_PARTICIPANT|NOBODY_LISTENS)$/),
          message: expect.stringMatching(/for 'nestjs-sagas\.post'.* SagaParticipantModule\.forRoot\({ name: 'post' }\)/),
        });
        expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed', attempts: 2 });
      });
    }

    if (!transport.hasBroker) return;

    it(
      'R9: while the broker is down nothing is sent, and nothing is to be undone; when it is back, all is well',
      async () => {
        const { broker } = ledger.wire;
        const app = await open(ledger.wire.client());
        const before = await app.sagas.start(SavingSaga, { account: randomUUID() });
        await before.result({ timeout: '20s' });
        await broker?.stop();
        const meanwhile = await app.sagas.start(HastySaga, { account: randomUUID() });
        await errorOf(meanwhile.result({ timeout: '20s' }), SagaCompensatedError);
        expect((await meanwhile.view()).steps[0]).toMatchObject({ status: 'failed', compensation: null });
        await broker?.start();
        const account = randomUUID();
        const after = await app.sagas.start(PatientSaga, { account });
        expect(await after.result({ timeout: '20s' })).toEqual({ deposit: { account } });
        expect(await ledger.lines(account)).toEqual(['deposit']);
      },
      BROKER_MS,
    );
  }),
);
