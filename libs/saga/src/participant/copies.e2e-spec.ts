import { aborted } from '../../../../test/support/world.js';
import { createTestDatabase, gate, LedgerService, newStep, type TestDatabase, until, waitingForLocks } from './participant.fixture.js';
import { SagaParticipant } from './saga-participant.js';

describe('copies of a command that was answered as failed', () => {
  let database: TestDatabase;
  let ledger: LedgerService;
  /** An instance of it that knows no command yet. */
  let older: LedgerService;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url);
    older = await LedgerService.start(database.url, undefined, { handlers: [] });
  });

  afterAll(async () => {
    await ledger.stop();
    await older.stop();
    await database.drop();
  });

  const failsOnce = (command: string, account: string): void => {
    let calls = 0;
    ledger.script.when(command, account, () => {
      calls += 1;
      if (calls === 1) throw new Error('the disk is full');
    });
  };
  const over = { kind: 'failed', error: { code: 'SAGA_ATTEMPT_OVER' }, effect: 'none' };

  it('R26: one of an attempt that failed is not done, though it would work by now; the next attempt is', async () => {
    const { account, action } = newStep();
    failsOnce('deposit', account);
    expect(await ledger.send(action())).toMatchObject({ kind: 'failed', error: { message: 'the disk is full' }, effect: 'none' });
    expect(await ledger.send(action())).toMatchObject(over);
    expect(await ledger.lines(account)).toEqual([]);
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.send(action())).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });

  it('R25, R26: of two that come at once, the second waits for the first, which fails: both say the same, and it is so', async () => {
    const { account, action } = newStep();
    const [entered, hold] = [gate(), gate()];
    let calls = 0;
    ledger.script.when('deposit', account, async () => {
      calls += 1;
      if (calls > 1) return;
      entered.open();
      await hold.passed;
      throw new Error('the disk is full');
    });
    const first = ledger.send(action());
    await entered.passed;
    const second = ledger.send(action());
    await until(() => waitingForLocks(ledger.database, 1));
    hold.open();
    const kinds = [(await first).kind, (await second).kind];
    // Who is first when the row is free again, the copy or what is to be remembered of the failure, is up to the database.
    expect([
      [['failed', 'failed'], []],
      [['succeeded', 'succeeded'], ['deposit']],
    ]).toContainEqual([kinds, await ledger.lines(account)]);
  });

  it('R26: the same holds of a compensation', async () => {
    const { account, action, compensation } = newStep();
    await ledger.send(action());
    failsOnce('take-back', account);
    expect(await ledger.send(compensation())).toMatchObject({ error: { message: 'the disk is full' } });
    expect(await ledger.send(compensation())).toMatchObject(over);
    expect(await ledger.lines(account)).toEqual(['deposit']);
    expect(await ledger.send(action())).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.send(compensation({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
  });

  it('R26: one that an older instance does not know is done by no newer one: only the next attempt is', async () => {
    const { account, action } = newStep();
    expect(await older.send(action())).toMatchObject({ kind: 'failed', error: { code: 'SAGA_UNKNOWN_COMMAND' }, effect: 'none' });
    expect(await ledger.send(action())).toMatchObject(over);
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });

  it('R25: an older instance answers with the reply that a newer one has stored', async () => {
    const { account, action, compensation } = newStep();
    expect(await ledger.send(action())).toMatchObject({ kind: 'succeeded' });
    expect(await older.send(action())).toEqual({ kind: 'succeeded', result: { account } });
    const other = newStep();
    expect(await older.send(other.compensation())).toEqual({ kind: 'succeeded' });
    expect(await older.send(compensation())).toMatchObject({ error: { code: 'SAGA_UNKNOWN_COMMAND' }, effect: 'none' });
  });

  it('R9: an older instance says that an effect is possible where a call of a newer one was cut short', async () => {
    const { account, action } = newStep(true);
    ledger.script.when('charge', account, () => {
      throw new Error('no answer');
    });
    expect(await ledger.send(action())).toMatchObject({ kind: 'failed', effect: 'possible' });
    expect(await older.send(action({ attempt: 2 }))).toMatchObject({ error: { code: 'SAGA_UNKNOWN_COMMAND' }, effect: 'possible' });
  });

  it('R26: what an instance declines because it stops is done by no other one', async () => {
    const stopping = await LedgerService.start(database.url);
    const { account, action } = newStep();
    const [busy, entered, hold] = [newStep(), gate(), gate()];
    stopping.script.when('deposit', busy.account, () => (entered.open(), hold.passed));
    const atWork = stopping.send(busy.action());
    await entered.passed;
    const participant = stopping.app.get(SagaParticipant);
    const stopped = participant.onModuleDestroy();
    const declined = await participant.handle(action());
    expect(declined).toMatchObject({ kind: 'failed', error: { code: 'SAGA_PARTICIPANT_UNAVAILABLE' }, effect: 'none' });
    expect(await ledger.send(action())).toMatchObject(over);
    hold.open();
    expect(await atWork).toMatchObject({ kind: 'succeeded' });
    await stopped;
    await stopping.stop();
    expect(await ledger.lines(account)).toEqual([]);
  });

  it('R26: one that waited longer for a connection than its sender for the reply says that an effect is possible', async () => {
    // Handlers take half of the pool.
    const atWork = Array.from({ length: 5 }, () => newStep());
    const hold = gate();
    for (const { account } of atWork) ledger.script.when('deposit', account, async () => hold.passed);
    const replies = atWork.map(async ({ action }) => ledger.send(action()));
    await until(async () => atWork.every(({ account }) => ledger.script.calls.includes(`deposit ${account}`)));
    const timeoutMs = 20;
    const answer = ledger.app.get(SagaParticipant).handle(newStep().action({ timeoutMs }));
    await aborted(AbortSignal.timeout(2 * timeoutMs));
    hold.open();
    expect(await answer).toMatchObject({ kind: 'failed', error: { code: 'SAGA_PARTICIPANT_BUSY' }, effect: 'possible' });
    expect((await Promise.all(replies)).map(({ kind }) => kind)).toEqual(atWork.map(() => 'succeeded'));
  });

  it('R26: an instance that stops and has no database any more says that an effect is possible', async () => {
    const gone = await LedgerService.start(database.url);
    const participant = gone.app.get(SagaParticipant);
    await gone.stop();
    const { action } = newStep();
    expect(await participant.handle(action())).toMatchObject({ error: { code: 'SAGA_PARTICIPANT_UNAVAILABLE' }, effect: 'possible' });
  });
});
