import { describeBehindPgBouncer } from '../../../../test/support/pgbouncer.js';
import { createTestDatabase, LedgerService, newStep, type TestDatabase } from './participant.fixture.js';

describe('statements of the fence that a session has prepared', () => {
  let database: TestDatabase;
  let ledger: LedgerService;

  beforeEach(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url);
  });

  afterEach(async () => {
    await ledger.stop();
    await database.drop();
  });

  /** How often those of the session that comes next from the pool, which is the last one that was used, have been planned or run. */
  async function runs(): Promise<readonly number[]> {
    const rows = await ledger.database.query<{ readonly runs: number }[]>(
      `select (generic_plans + custom_plans)::int as runs from pg_prepared_statements where name like 'saga\\_%' order by name`,
    );
    return rows.map((row) => row.runs);
  }

  it('R25: are prepared once, and run for each command', async () => {
    await ledger.send(newStep().action());
    const before = await runs();
    expect(before).toHaveLength(3);
    for (let count = 0; count < 3; count += 1) expect(await ledger.send(newStep().action())).toMatchObject({ kind: 'succeeded' });
    expect(await runs()).toEqual(before.map((count) => count + 3));
  });

  it('R25: where they are forgotten, the command is done all the same, once, and nothing is prepared any more', async () => {
    await ledger.send(newStep().action());
    await ledger.database.query('discard all');
    const { account, action, compensation } = newStep();
    expect(await ledger.send(action())).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.send(compensation())).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    expect(ledger.script.calls.filter((call) => call.endsWith(` ${account}`))).toEqual([`deposit ${account}`, `take-back ${account}`]);
    expect(await runs()).toEqual([]);
  });

  it('R26: a handler that has them forgotten has failed without effect, and its next attempt succeeds', async () => {
    const { account, action } = newStep();
    ledger.script.when('deposit', account, ({ transaction }) => transaction.manager.query('deallocate all').then(() => undefined));
    expect(await ledger.send(action())).toMatchObject({ kind: 'failed', effect: 'none' });
    expect(await ledger.lines(account)).toEqual([]);
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });
});

describeBehindPgBouncer('a participant behind PgBouncer', (pooler) => {
  it('R25: does each command once, whichever session it is given', async () => {
    const database = await createTestDatabase();
    const ledger = await LedgerService.start(pooler().through(database.url));
    try {
      const steps = Array.from({ length: 60 }, () => newStep());
      for (const attempt of [1, 2]) {
        const replies = await Promise.all(steps.map(async ({ action }) => ledger.send(action({ attempt }))));
        expect(replies.every(({ kind }) => kind === 'succeeded')).toBe(true);
      }
      for (const { account } of steps) expect(await ledger.lines(account)).toEqual(['deposit']);
      expect(ledger.script.calls).toHaveLength(steps.length);
    } finally {
      await ledger.stop();
      await database.drop();
    }
  });
});
