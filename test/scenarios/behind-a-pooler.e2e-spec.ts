import { randomUUID } from 'node:crypto';

import { Compensate, CompensationContext, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { Deposit, LedgerService, PARTICIPANT, TakeBack } from '../../libs/saga/src/participant/participant.fixture.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeBehindPgBouncer } from '../support/pgbouncer.js';
import { describeStory, errorOf } from '../support/saga-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { tellStartingTwice } from './starting-twice.scenario.js';
import { tellUnwinding } from './unwinding.scenario.js';
import { tellWaiting } from './waiting.scenario.js';

@SagaDefinition<{ account: string }>({ name: 'saving' })
class SavingSaga {
  @SagaStep()
  deposit({ input }: SagaContext<{ account: string }>) {
    return new Deposit(input.account);
  }

  @Compensate('deposit')
  takeBack({ input }: CompensationContext<{ account: string }>) {
    return new TakeBack(input.account);
  }

  @SagaStep({ kind: 'readonly' })
  async audit() {
    throw new StepRejected('WRONG');
  }
}

@SagaDefinition({ name: 'greeting' })
class GreetingSaga {
  @SagaStep({ kind: 'readonly' })
  async greet() {
    return 'hello';
  }
}

describeBehindPgBouncer('behind PgBouncer', (pooler) => {
  // Those that lean on the store most; what it promises is looked at beside it.
  const store = onPostgres({ pooler });
  tellStartingTwice(store);
  tellUnwinding(store);
  tellWaiting(store);

  describeStory('a participant and its fence', onPostgres({ pooler }), ({ boot }) => {
    let database: TestDatabase;
    let ledger: LedgerService;

    beforeAll(async () => {
      database = await createTestDatabase();
      ledger = await LedgerService.start(pooler().through(database.url));
    });
    afterAll(async () => {
      await ledger.stop();
      await database.drop();
    });

    it('R25: does what a step asks, and undoes it', async () => {
      const participants = { [PARTICIPANT]: ledger.wire.client() };
      const app = await boot({ sagas: [SavingSaga], options: { participants } });
      const account = randomUUID();
      const saga = await app.sagas.start(SavingSaga, { account });
      await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    });
  });

  describeStory('that the options do not name', onPostgres({ pooler }), ({ boot }) => {
    it('fails the boot, and says what to set', async () => {
      await expect(boot({ sagas: [GreetingSaga], options: { pooled: false } })).rejects.toThrow(
        /^The database refused the library's own connections: unsupported startup parameter.*set SagaModule\.forRoot\({ pooled: true }\)/,
      );
    });
  });
});

describeBehindPgBouncer(
  'behind a PgBouncer that drops what sessions ask for',
  (pooler) => {
    describeStory('and that the options do not name', onPostgres({ pooler }), ({ boot }) => {
      it('runs sagas, and says what to set', async () => {
        const app = await boot({ sagas: [GreetingSaga], options: { pooled: false } });
        const saga = await app.sagas.start(GreetingSaga, {});
        expect(await saga.result()).toEqual({ greet: 'hello' });
        const warnings = app.logger.of('SagaStore').map(({ text }) => text);
        expect(warnings).toContainEqual(expect.stringMatching(/^Sessions do not keep .* set SagaModule\.forRoot\({ pooled: true }\)/));
      });

      it('warns of nothing where they do', async () => {
        const app = await boot({ sagas: [GreetingSaga] });
        const warnings = app.logger.of('SagaStore').map(({ text }) => text);
        expect(warnings).not.toContainEqual(expect.stringContaining('pooled'));
      });
    });
  },
  { ignore_startup_parameters: 'options' },
);
