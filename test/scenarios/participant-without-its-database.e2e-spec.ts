import { randomUUID } from 'node:crypto';

import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { Deposit, LedgerService, PARTICIPANT, TakeBack } from '../../libs/saga/src/participant/participant.fixture.js';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.js';
import { eventually } from '../support/eventually.js';
import { inMemory } from '../support/in-memory.js';
import { describeStory, errorOf } from '../support/saga-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

@SagaDefinition<{ readonly account: string }>({ name: 'saving', retry: { attempts: 'unlimited' } })
class SavingSaga {
  @SagaStep({ kind: 'pivot' })
  deposit({ input }: SagaContext<{ readonly account: string }>) {
    return new Deposit(input.account);
  }
}

/** Gives up. */
@SagaDefinition<{ readonly account: string }>({ name: 'hasty-saving', retry: { attempts: 2 } })
class HastySavingSaga {
  @SagaStep()
  deposit({ input }: SagaContext<{ readonly account: string }>) {
    return new Deposit(input.account);
  }

  @Compensate('deposit')
  takeBack({ input }: SagaContext<{ readonly account: string }>) {
    return new TakeBack(input.account);
  }
}

describeStory('a participant without its database', inMemory, ({ boot }) => {
  let database: TestDatabase;
  let way: CuttingProxy;
  let ledger: LedgerService;

  beforeAll(async () => {
    database = await createTestDatabase();
    way = await startCuttingProxy(database.url);
    ledger = await LedgerService.start(way.url);
  });
  afterAll(async () => {
    await ledger.stop();
    await way.close();
    await database.drop();
  });

  it.each(['unsent', 'unanswered'] as const)(
    'R9, R26: answers that it cannot, is asked again, and does it once when the database is back; the last statement was %s',
    async (how) => {
      const account = randomUUID();
      const app = await boot({ sagas: [SavingSaga], options: { participants: { [PARTICIPANT]: ledger.wire.client() } } });
      const cut = way.cutNext({ request: account, how, forGood: true });
      const saga = await app.sagas.start(SavingSaga, { account });
      await cut;
      await eventually(
        async () => (await saga.view()).steps[0]?.attempts ?? 0,
        (attempts) => attempts > 3,
      );
      way.restore();
      expect(await saga.result({ timeout: '20s' })).toEqual({ deposit: { account } });
      expect(await ledger.lines(account)).toEqual(['deposit']);
    },
  );

  it('R9, R26: cannot remember that an attempt failed: the saga that gives up has the step undone when the database is back', async () => {
    const account = randomUUID();
    const app = await boot({ sagas: [HastySavingSaga], options: { participants: { [PARTICIPANT]: ledger.wire.client() } } });
    const cut = way.cutNext({ request: account, how: 'unsent', forGood: true });
    const saga = await app.sagas.start(HastySavingSaga, { account });
    await cut;
    await eventually(
      async () => (await saga.view()).steps[0],
      (step) => step?.status === 'unknown' && (step.compensation?.attempts ?? 0) > 1,
    );
    way.restore();
    await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
    expect(await ledger.lines(account)).toEqual([]);
    expect(ledger.script.calls).not.toContain(`take-back ${account}`);
  });
});
