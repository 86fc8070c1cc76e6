import { randomUUID } from 'node:crypto';

import { Compensate, CompensationContext, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { Deposit, LedgerService, PARTICIPANT, TakeBack } from '../../libs/saga/src/participant/participant.fixture.js';
import { eventually } from '../support/eventually.js';
import { onMovableClock } from '../support/on-movable-clock.js';
import { describeStory } from '../support/saga-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

@SagaDefinition<{ readonly account: string }>({ name: 'saving' })
class SavingSaga {
  @SagaStep()
  deposit({ input }: SagaContext<{ readonly account: string }>) {
    return new Deposit(input.account);
  }

  @Compensate('deposit')
  takeBack({ input }: CompensationContext<{ readonly account: string }>) {
    return new TakeBack(input.account);
  }
}

describeStory('a participant that learns a command', onMovableClock, ({ boot, place }) => {
  let books: TestDatabase;

  beforeAll(async () => {
    books = await createTestDatabase();
  });
  afterAll(async () => books.drop());

  it('R9, R24: what its older version does not know is done by the next one: a rolling deploy heals itself', async () => {
    const account = randomUUID();
    const older = await LedgerService.start(books.url, undefined, { handlers: [] });
    const participants = { [PARTICIPANT]: older.wire.client() };
    const before = await boot({ sagas: [SavingSaga], options: { participants } });
    const { id } = await before.sagas.start(SavingSaga, { account });
    const waiting = await eventually(
      () => before.sagas.get(id).view(),
      ({ waitingFor }) => waitingFor?.kind === 'retry',
    );
    expect(waiting).toMatchObject({ status: 'running', steps: [{ attempts: 1, error: { code: 'SAGA_UNKNOWN_COMMAND' } }] });
    await Promise.all([before.close(), older.stop()]);

    const newer = await LedgerService.start(books.url, older.wire);
    await place().pass(30_000);
    const after = await boot({ sagas: [SavingSaga], options: { participants } });
    expect(await after.sagas.get(id).result({ timeout: '20s' })).toEqual({ deposit: { account } });
    expect((await after.sagas.get(id).view()).steps[0]).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(await newer.lines(account)).toEqual(['deposit']);
    await newer.stop();
  });
});
