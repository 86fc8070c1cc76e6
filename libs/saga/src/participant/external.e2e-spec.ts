import { RetryLater, StepRejected } from '../planning/step-errors.js';
import {
  createTestDatabase,
  gate,
  LedgerService,
  newStep,
  type TestDatabase,
  until,
  waitingForLocks,
  type Visit,
} from './participant.fixture.js';

/** The calls outside are counted by `script.calls`: no rollback takes them back. */
describe('commands with effects outside', () => {
  let database: TestDatabase;
  let ledger: LedgerService;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url);
  });

  afterAll(async () => {
    await ledger.stop();
    await database.drop();
  });

  const calls = (account: string) => ledger.script.calls.filter((call) => call.endsWith(` ${account}`)).map((call) => call.split(' ')[0]);

  const fenceRow = async (sagaId: string) => {
    const [row] = await ledger.database.query<[Record<string, unknown>]>('select * from saga.saga_fence where saga_id = $1', [sagaId]);
    return row;
  };

  /** As if the service had died in the middle of the handler: what it did outside stands, its transaction does not. */
  const dieHere = async ({ transaction }: Visit): Promise<void> => {
    const [{ pid }] = await transaction.manager.query<[{ pid: number }]>('select pg_backend_pid() as pid');
    await ledger.database.query('select pg_terminate_backend($1)', [pid]);
    await until(async () => (await ledger.database.query<unknown[]>('select from pg_stat_activity where pid = $1', [pid])).length === 0);
  };

  it('R25: that it started is durable before its handler is called', async () => {
    const { account, action } = newStep(true);
    let seen: unknown;
    ledger.script.when('charge', account, async () => void (seen = await fenceRow(account)));
    expect(await ledger.send(action())).toMatchObject({ kind: 'succeeded' });
    expect(seen).toMatchObject({ action_state: 'started', action_round: 1, action_unanswered: 1 });
    expect(await fenceRow(account)).toMatchObject({ action_state: 'succeeded', action_unanswered: 0 });
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(calls(account)).toEqual(['charge']);
  });

  it('R9: one that throws leaves an effect possible, and is called again under the same key', async () => {
    const { account, action } = newStep(true);
    const keys: string[] = [];
    ledger.script.when('charge', account, ({ context }) => {
      keys.push(context.idempotencyKey);
      if (keys.length === 1) throw new RetryLater('3s', 'the gateway is busy');
      return { charged: true };
    });
    const failed = { kind: 'failed', error: { message: 'the gateway is busy' }, effect: 'possible', retryAfterMs: 3_000 };
    expect(await ledger.send(action())).toEqual(failed);
    expect(await fenceRow(account)).toMatchObject({ action_state: 'started', action_reply: null });
    expect(await ledger.send(action({ attempt: 2 }))).toEqual({ kind: 'succeeded', result: { charged: true } });
    expect(keys).toEqual([`${account}:forward`, `${account}:forward`]);
    expect(await ledger.lines(account)).toEqual(['charge']);
  });

  it('R25: of commands that come at once one is called', async () => {
    const { account, action } = newStep(true);
    const replies = await Promise.all([1, 2, 3, 4].map((attempt) => ledger.send(action({ attempt }))));
    expect(replies).toEqual(Array.from({ length: 4 }, () => ({ kind: 'succeeded', result: { account } })));
    expect(calls(account)).toEqual(['charge']);
  });

  it('R25: after a crash in the middle the next attempt calls the handler again', async () => {
    const { account, action } = newStep(true);
    ledger.script.when('charge', account, dieHere);
    expect(await ledger.send(action())).toMatchObject({ kind: 'failed', effect: 'possible' });
    expect(await fenceRow(account)).toMatchObject({ action_state: 'started', action_unanswered: 1 });
    ledger.script.when('charge', account, () => ({ charged: true }));
    expect(await ledger.send(action({ attempt: 2 }))).toEqual({ kind: 'succeeded', result: { charged: true } });
    expect(calls(account)).toEqual(['charge', 'charge']);
    expect(await ledger.lines(account)).toEqual(['charge']);
  });

  it('R25: after a crash in the middle a compensation runs its handler, and the action is refused when it comes again', async () => {
    const { account, action, compensation } = newStep(true);
    ledger.script.when('charge', account, dieHere);
    await ledger.send(action());
    expect(await ledger.send(compensation())).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.send(compensation({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({
      kind: 'refused',
      error: { code: 'SAGA_COMPENSATED_BEFORE' },
      effect: 'possible',
    });
    expect(calls(account)).toEqual(['charge', 'refund']);
  });

  it('R9: a refusal is certain where it is the first answer, and its compensation has nothing to do', async () => {
    const { account, action, compensation } = newStep(true);
    ledger.script.when('charge', account, () => {
      throw new StepRejected('DECLINED');
    });
    expect(await ledger.send(action())).toMatchObject({ kind: 'refused', error: { code: 'DECLINED' }, effect: 'none' });
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ kind: 'refused', effect: 'none' });
    expect(await ledger.send(compensation())).toEqual({ kind: 'succeeded' });
    expect(calls(account)).toEqual(['charge']);
    expect(await ledger.lines(account)).toEqual([]);
  });

  it('R9: a refusal after a call that never replied leaves an effect possible, and is compensated', async () => {
    const { account, action, compensation } = newStep(true);
    ledger.script.when('charge', account, dieHere);
    await ledger.send(action());
    ledger.script.when('charge', account, () => {
      throw new StepRejected('DECLINED');
    });
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ kind: 'refused', error: { code: 'DECLINED' }, effect: 'possible' });
    expect(await ledger.send(action({ attempt: 3 }))).toMatchObject({ kind: 'refused', effect: 'possible' });
    expect(await ledger.send(compensation())).toMatchObject({ kind: 'succeeded' });
    expect(calls(account)).toEqual(['charge', 'charge', 'refund']);
  });

  it('R25: a compensation waits for the open action', async () => {
    const { account, action, compensation } = newStep(true);
    const [entered, hold] = [gate(), gate()];
    ledger.script.when('charge', account, () => (entered.open(), hold.passed));
    const first = ledger.send(action());
    await entered.passed;
    const second = ledger.send(compensation());
    await until(() => waitingForLocks(ledger.database, 1));
    expect(calls(account)).toEqual(['charge']);
    hold.open();
    expect(await first).toMatchObject({ kind: 'succeeded' });
    expect(await second).toMatchObject({ kind: 'succeeded' });
    expect(calls(account)).toEqual(['charge', 'refund']);
  });

  it('R25: a compensation with effects outside that dies in the middle is run again under its key', async () => {
    const { account, action, compensation } = newStep(true);
    await ledger.send(action());
    const keys: unknown[] = [];
    ledger.script.when('refund', account, async (visit) => {
      keys.push(visit.context.idempotencyKey, visit.context.forwardIdempotencyKey);
      if (keys.length === 2) await dieHere(visit);
    });
    expect(await ledger.send(compensation())).toMatchObject({ kind: 'failed', effect: 'possible' });
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.send(compensation({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(keys).toEqual([`${account}:compensation`, `${account}:forward`, `${account}:compensation`, `${account}:forward`]);
    expect(await ledger.lines(account)).toEqual(['charge', 'refund']);
  });

  it('R25: a compensation that comes first has nothing to do', async () => {
    const { account, action, compensation } = newStep(true);
    expect(await ledger.send(compensation())).toEqual({ kind: 'succeeded' });
    expect(await ledger.send(action())).toMatchObject({ kind: 'refused', error: { code: 'SAGA_COMPENSATED_BEFORE' }, effect: 'none' });
    expect(calls(account)).toEqual([]);
  });

  it('R5: a result that does not survive storage leaves an effect possible', async () => {
    const { account, action } = newStep(true);
    ledger.script.when('charge', account, () => ({ on: new Map() }));
    expect(await ledger.send(action())).toMatchObject({ kind: 'failed', error: { code: 'SAGA_RESULT_NOT_STORABLE' }, effect: 'possible' });
  });
});
