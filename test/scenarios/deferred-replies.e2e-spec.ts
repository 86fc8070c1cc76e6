import { Compensate, DeferredReplies, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import {
  createTestDatabase,
  Deposit,
  LedgerService,
  TakeBack,
  type TestDatabase,
  type Visit,
} from '../../libs/saga/src/participant/participant.fixture.js';
import { eventually } from '../support/eventually.js';
import { inMemory } from '../support/in-memory.js';
import { LateWire } from '../support/late-wire.js';
import { describeStory, errorOf, told } from '../support/saga-app.js';

@SagaDefinition<{ account: string }>({ name: 'transfer' })
class TransferSaga {
  @SagaStep()
  deposit({ input }: SagaContext<{ account: string }>) {
    return new Deposit(input.account);
  }

  @Compensate('deposit')
  takeBack({ input }: SagaContext<{ account: string }>) {
    return new TakeBack(input.account);
  }

  @SagaStep({ kind: 'readonly' })
  async book({ results }: SagaContext<{ account: string }, TransferSaga>) {
    return results.deposit;
  }
}

@SagaDefinition<{ account: string }>({ name: 'impatient-transfer' })
class ImpatientTransferSaga {
  @SagaStep({ timeout: 900 })
  deposit({ input }: SagaContext<{ account: string }>) {
    return new Deposit(input.account);
  }

  @Compensate('deposit')
  takeBack({ input }: SagaContext<{ account: string }>) {
    return new TakeBack(input.account);
  }
}

describeStory('a participant that answers later', inMemory, ({ boot }) => {
  let database: TestDatabase;
  let ledger: LedgerService;
  let tokens: Map<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url);
    tokens = new Map();
  });

  afterAll(async () => {
    await ledger.stop();
    await database.drop();
  });

  const bootApp = async (...sagas: Parameters<typeof boot>[0]['sagas']) =>
    boot({ sagas, options: { participants: { ledger: ledger.wire.client() } } });

  const deferring = (account: string): void =>
    ledger.script.when('deposit', account, ({ context }: Visit) => {
      const deferral = context.defer();
      tokens.set(account, deferral.token);
      return deferral.later;
    });

  const token = async (account: string): Promise<string> =>
    (await eventually(
      () => tokens.get(account),
      (known) => known !== undefined,
    )) ?? '';

  it('R25, R34: the step waits durably, holds no place, and goes on with the answer', async () => {
    deferring('patient');
    const app = await bootApp(TransferSaga);
    const saga = await app.sagas.start(TransferSaga, { account: 'patient' });
    const given = await token('patient');
    const { waitingFor } = await eventually(
      () => saga.view(),
      (view) => view.waitingFor !== null,
    );
    expect(waitingFor).toEqual({ kind: 'reply', name: 'deposit' });
    expect(await ledger.app.get(DeferredReplies).complete(given, { booked: true })).toEqual({ accepted: true });
    expect(await saga.result()).toMatchObject({ book: { booked: true } });
    expect(await ledger.lines('patient')).toEqual(['deposit']);
  });

  it('R25: a refusal that comes later unwinds the saga, and undoes nothing where nothing was done', async () => {
    deferring('refused');
    const app = await bootApp(TransferSaga);
    const saga = await app.sagas.start(TransferSaga, { account: 'refused' });
    await ledger.app.get(DeferredReplies).reject(await token('refused'), new StepRejected('NO_COVER', 'the bank says no'));
    expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({
      step: 'deposit',
      kind: 'rejected',
      code: 'NO_COVER',
    });
    expect(await ledger.lines('refused')).toEqual(['deposit']);
  });

  it("R10, R34: the step's own timeout ends the whole wait; what may come of it is undone, and the answer is refused", async () => {
    deferring('impatient');
    const app = await bootApp(ImpatientTransferSaga);
    const saga = await app.sagas.start(ImpatientTransferSaga, { account: 'impatient' });
    expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({ step: 'deposit', code: 'SAGA_REPLY_TIMED_OUT' });
    expect(await ledger.lines('impatient')).toEqual(['deposit', 'take-back']);
    expect(await ledger.app.get(DeferredReplies).complete(await token('impatient'))).toMatchObject({ accepted: false });
    expect((await told(saga)).filter((line) => line.startsWith('deposit'))).toEqual([
      'deposit starts',
      'deposit is answered later',
      'deposit is unknown (timed out): its participant has not answered within 900ms',
    ]);
  });

  it('R10, R25: an answer between that timeout and its compensation is accepted, and undone', async () => {
    deferring('between');
    const wire = new LateWire(ledger.wire.client());
    wire.isLateCommand = ({ direction, attempt }) => direction === 'compensation' && attempt === 1;
    const app = await boot({ sagas: [ImpatientTransferSaga], options: { participants: { ledger: wire.client } } });
    const saga = await app.sagas.start(ImpatientTransferSaga, { account: 'between' });
    const undoing = await wire.command(1, 'compensation');
    expect(await ledger.app.get(DeferredReplies).complete(await token('between'))).toEqual({ accepted: true });
    await undoing.arrive();
    await errorOf(saga.result(), SagaCompensatedError);
    expect(await ledger.lines('between')).toEqual(['deposit', 'take-back']);
    await wire.close();
  });
});
