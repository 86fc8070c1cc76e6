import { randomUUID } from 'node:crypto';

import { Command } from '@nestjs/cqrs';
import { Transport } from '@nestjs/microservices';
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
import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf } from '../support/saga-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

interface Saving {
  readonly account: string;
  readonly refused?: boolean;
}

@SagaDefinition<Saving>({ name: 'saving', retry: { attempts: 5 } })
class SavingSaga {
  @SagaStep()
  deposit({ input }: SagaContext<Saving>) {
    return new Deposit(input.account);
  }

  @Compensate('deposit')
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

@SagaDefinition({ name: 'stray' })
class StraySaga {
  @SagaStep()
  send() {
    return new Deliver();
  }

  @Compensate('send')
  async callBack() {}
}

const onPort = (port: number) => ({ transport: Transport.TCP as const, options: { host: '127.0.0.1', port } });

const BY = { operator: 'ann', reason: 'the account is open again' };

describeStory('a participant over TCP', onPostgres(), ({ boot }) => {
  let database: TestDatabase;
  let ledger: LedgerService;
  let wire: CuttingProxy;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url);
    wire = await startCuttingProxy(`tcp://127.0.0.1:${ledger.port}`);
  });
  afterAll(async () => {
    await wire.close();
    await ledger.stop();
    await database.drop();
  });

  const start = async (saving: Saving) => (await open()).sagas.start(SavingSaga, saving);

  const open = async () => {
    const port = Number(new URL(wire.url).port);
    return boot({ sagas: [SavingSaga, InterestSaga], options: { participants: { [PARTICIPANT]: onPort(port) } } });
  };

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
    expect((await saga.view()).steps[0]).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });

  it('R25, R26: the same holds of a compensation', async () => {
    const account = randomUUID();
    const saga = start({ account, refused: true });
    await wire.cutNext({ request: 'ledger.take-back', how: 'unanswered' });
    await errorOf((await saga).result({ timeout: '20s' }), SagaCompensatedError);
    expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
  });

  it('R9: a service that does not listen for the participant did nothing, and the saga says how to mend it', async () => {
    const app = await boot({ sagas: [StraySaga], options: { participants: { post: onPort(ledger.port) } } });
    const saga = await app.sagas.start(StraySaga, {});
    expect((await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError)).failure).toMatchObject({
      code: 'SAGA_NOT_A_PARTICIPANT',
      message:
        "The service that participants.post leads to does not listen for 'nestjs-sagas.post'. Give it SagaParticipantModule.forRoot({ name: 'post' }), or correct the address.",
    });
    expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed', attempts: 5 });
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
});
