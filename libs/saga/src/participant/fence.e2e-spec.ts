import { StepRejected } from '../planning/step-errors.js';
import { createTestDatabase, gate, LedgerService, newStep, type TestDatabase, until, waitingForLocks } from './participant.fixture.js';

describe('commands under the fence', () => {
  let database: TestDatabase;
  let ledger: LedgerService;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url);
    // At COMMIT: an account named late-… breaks a rule; one named lost-… loses its connection.
    await ledger.database.query(`
      create function at_commit() returns trigger language plpgsql as $$ begin
        if new.account like 'late-%' then raise exception 'a rule that is checked at commit' using errcode = '23514'; end if;
        if new.account like 'lost-%' then perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); end if;
        return null;
      end $$`);
    await ledger.database.query(
      'create constraint trigger at_commit after insert on line deferrable initially deferred for each row execute function at_commit()',
    );
  });

  afterAll(async () => {
    await ledger.stop();
    await database.drop();
  });

  const fenceRows = async (sagaId: string) =>
    ledger.database.query<Record<string, unknown>[]>('select * from saga.saga_fence where saga_id = $1 order by item', [sagaId]);

  it('R25: a repeated command gets the stored reply, and its handler is called once', async () => {
    const { account, action } = newStep();
    ledger.script.when('deposit', account, () => ({ on: new Date(0), z: 1, a: 2 }));
    const first = await ledger.send(action());
    expect(first).toEqual({ kind: 'succeeded', result: { on: { $date: '1970-01-01T00:00:00.000Z' }, z: 1, a: 2 } });
    const second = await ledger.send(action({ attempt: 2 }));
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });

  it('R25: of commands that come at once one is called, and all get its reply', async () => {
    const { account, action } = newStep();
    let n = 0;
    ledger.script.when('deposit', account, () => ({ n: ++n }));
    const replies = await Promise.all(Array.from({ length: 8 }, (_, index) => ledger.send(action({ attempt: index + 1 }))));
    expect(new Set(replies.map((reply) => JSON.stringify(reply)))).toEqual(new Set(['{"kind":"succeeded","result":{"n":1}}']));
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });

  it('R25: the items of a step are fenced apart', async () => {
    const { account, action } = newStep();
    await Promise.all([0, 1, 0, 1].map((item) => ledger.send(action({ item }))));
    await ledger.send(action());
    expect(await ledger.lines(account)).toHaveLength(3);
    expect((await fenceRows(account)).map((row) => row['item'])).toEqual([-1, 0, 1]);
  });

  it('R25: a duplicate that finds the action open is answered "in progress", and says that an effect is possible', async () => {
    const { account, action } = newStep();
    const [entered, hold] = [gate(), gate()];
    ledger.script.when('deposit', account, () => (entered.open(), hold.passed));
    const first = ledger.send(action());
    await entered.passed;
    const duplicate = await ledger.send(action({ attempt: 2, timeoutMs: 100 }));
    expect(duplicate).toMatchObject({
      kind: 'failed',
      error: { code: 'SAGA_IN_PROGRESS' },
      effect: 'possible',
      retryAfterMs: expect.any(Number),
    });
    hold.open();
    expect(await first).toMatchObject({ kind: 'succeeded' });
  });

  it('R25: the wait for the row does not bound what the handler itself waits for', async () => {
    const { account, action } = newStep();
    let bound: unknown;
    ledger.script.when('deposit', account, async ({ transaction }) => void (bound = await transaction.manager.query('show lock_timeout')));
    await ledger.send(action({ timeoutMs: 500 }));
    expect(bound).toEqual([{ lock_timeout: '0' }]);
  });

  describe('refusals', () => {
    it('R25: what a refused handler did is undone, the refusal is stored', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, () => {
        throw new StepRejected('ACCOUNT_CLOSED', 'the account is closed', { since: 2020 });
      });
      const refusal = {
        kind: 'refused',
        error: { code: 'ACCOUNT_CLOSED', message: 'the account is closed', details: { since: 2020 } },
        effect: 'none',
      };
      expect(await ledger.send(action())).toEqual(refusal);
      expect(await ledger.lines(account)).toEqual([]);
      ledger.script.when('deposit', account, () => 'now it would work');
      expect(await ledger.send(action({ attempt: 2 }))).toEqual(refusal);
      expect(ledger.script.calls.filter((call) => call === `deposit ${account}`)).toHaveLength(1);
    });

    it('R25: a handler may refuse because a statement failed', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, async ({ transaction }) => {
        await transaction.manager.query('select 1 / 0').catch(() => {
          throw new StepRejected('NO_SHARE');
        });
      });
      expect(await ledger.send(action())).toMatchObject({ kind: 'refused', error: { code: 'NO_SHARE' }, effect: 'none' });
      expect(await fenceRows(account)).toMatchObject([{ action_state: 'refused' }]);
    });

    it('R25: a new round calls a refused handler again; the old round is over then', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, () => {
        throw new StepRejected('ACCOUNT_CLOSED');
      });
      await ledger.send(action());
      ledger.script.when('deposit', account, () => ({ ok: true }));
      expect(await ledger.send(action({ round: 2 }))).toEqual({ kind: 'succeeded', result: { ok: true } });
      expect(await ledger.lines(account)).toEqual(['deposit']);
    });

    it('R25: a refused compensation answers its own round', async () => {
      const { account, action, compensation } = newStep();
      await ledger.send(action());
      ledger.script.when('take-back', account, () => {
        throw new StepRejected('SPENT');
      });
      expect(await ledger.send(compensation())).toMatchObject({ kind: 'refused', error: { code: 'SPENT' } });
      ledger.script.when('take-back', account, () => undefined);
      expect(await ledger.send(compensation({ attempt: 2 }))).toMatchObject({ kind: 'refused', error: { code: 'SPENT' } });
      expect(await ledger.send(compensation({ round: 2 }))).toMatchObject({ kind: 'succeeded' });
      expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    });
  });

  describe('compensations', () => {
    it('R25: one that overtakes its action has nothing to do, and the action is refused when it comes', async () => {
      const { account, action, compensation } = newStep();
      expect(await ledger.send(compensation())).toEqual({ kind: 'succeeded' });
      expect(await ledger.send(action())).toMatchObject({ kind: 'refused', error: { code: 'SAGA_COMPENSATED_BEFORE' }, effect: 'none' });
      expect(await ledger.send(action({ round: 2 }))).toMatchObject({
        kind: 'refused',
        error: { code: 'SAGA_COMPENSATED_BEFORE' },
        effect: 'none',
      });
      expect(ledger.script.calls.filter((call) => call.endsWith(` ${account}`))).toEqual([]);
    });

    it('R25: that of a refused action has nothing to do', async () => {
      const { account, action, compensation } = newStep();
      ledger.script.when('deposit', account, () => {
        throw new StepRejected('ACCOUNT_CLOSED');
      });
      await ledger.send(action());
      expect(await ledger.send(compensation())).toEqual({ kind: 'succeeded' });
      expect(await ledger.lines(account)).toEqual([]);
    });

    it('R25: that of a succeeded action runs once, and an action that is repeated afterwards changes nothing', async () => {
      const { account, action, compensation } = newStep();
      const answer = await ledger.send(action());
      const replies = await Promise.all([1, 2, 3].map((attempt) => ledger.send(compensation({ attempt }))));
      expect(replies).toEqual(Array.from({ length: 3 }, () => ({ kind: 'succeeded', result: { account } })));
      expect(await ledger.send(action({ attempt: 2 }))).toEqual(answer);
      expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    });

    it('R25: one that meets the open action waits for it, and undoes it', async () => {
      const { account, action, compensation } = newStep();
      const [entered, hold] = [gate(), gate()];
      ledger.script.when('deposit', account, () => (entered.open(), hold.passed));
      const first = ledger.send(action());
      await entered.passed;
      const second = ledger.send(compensation());
      await until(() => waitingForLocks(ledger.database, 1));
      expect(ledger.script.calls).not.toContain(`take-back ${account}`);
      hold.open();
      expect(await first).toMatchObject({ kind: 'succeeded' });
      expect(await second).toMatchObject({ kind: 'succeeded' });
      expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    });

    it('R25: one that meets an action that rolls back has nothing to do', async () => {
      const { account, action, compensation } = newStep();
      const [entered, hold] = [gate(), gate()];
      ledger.script.when('deposit', account, async () => {
        entered.open();
        await hold.passed;
        throw new Error('the disk is full');
      });
      const first = ledger.send(action());
      await entered.passed;
      const second = ledger.send(compensation());
      await until(() => waitingForLocks(ledger.database, 1));
      hold.open();
      expect(await first).toMatchObject({ kind: 'failed', effect: 'none' });
      expect(await second).toEqual({ kind: 'succeeded' });
      expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ error: { code: 'SAGA_COMPENSATED_BEFORE' } });
    });

    it('R25: one that would wait too long is answered "in progress"', async () => {
      const { account, action, compensation } = newStep();
      const [entered, hold] = [gate(), gate()];
      ledger.script.when('deposit', account, () => (entered.open(), hold.passed));
      const first = ledger.send(action());
      await entered.passed;
      expect(await ledger.send(compensation({ timeoutMs: 100 }))).toMatchObject({ kind: 'failed', error: { code: 'SAGA_IN_PROGRESS' } });
      hold.open();
      await first;
      expect(await ledger.send(compensation({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
      expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    });
  });

  describe('failures', () => {
    it('R9: a handler that threw is rolled back, its fence row says no more than that, and it had no effect', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, () => {
        throw Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' });
      });
      expect(await ledger.send(action())).toEqual({ kind: 'failed', error: { code: 'EHOSTUNREACH', message: 'no route' }, effect: 'none' });
      expect(await ledger.lines(account)).toEqual([]);
      expect(await fenceRows(account)).toMatchObject([{ action_state: 'untouched', action_failed: 1, action_reply: null }]);
      ledger.script.when('deposit', account, () => ({ ok: true }));
      expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    });

    it('R5: a result that does not survive storage names command and path, and is rolled back', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, () => ({ lines: [{ price: 5n }] }));
      const reply = await ledger.send(action());
      expect(reply).toMatchObject({ kind: 'failed', effect: 'none', error: { code: 'SAGA_RESULT_NOT_STORABLE' } });
      expect(reply).toMatchObject({ error: { message: expect.stringMatching(/'ledger.deposit'.*lines\[0\]\.price is a BigInt/) } });
      expect(await ledger.lines(account)).toEqual([]);
    });

    it('R9: a COMMIT that the database refuses had no effect', async () => {
      const { action } = newStep();
      const late = action({ sagaId: 'late-1', payload: { account: 'late-1' } });
      expect(await ledger.send(late)).toMatchObject({ kind: 'failed', error: { code: '23514' }, effect: 'none' });
    });

    it('R9: a COMMIT whose answer is lost leaves an effect possible', async () => {
      const { action } = newStep();
      const lost = action({ sagaId: 'lost-1', payload: { account: 'lost-1' } });
      expect(await ledger.send(lost)).toMatchObject({ kind: 'failed', error: { code: 'SAGA_COMMIT_UNKNOWN' }, effect: 'possible' });
      expect(await ledger.send(newStep().action())).toMatchObject({ kind: 'succeeded' });
    });

    it('R9: a handler that ends the transaction itself leaves an effect possible', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, ({ transaction }) => transaction.manager.query('commit'));
      expect(await ledger.send(action())).toMatchObject({ kind: 'failed', error: { code: 'SAGA_TRANSACTION_LOST' }, effect: 'possible' });
    });

    it('R9: a handler that throws after it ended the transaction leaves an effect possible', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, async ({ transaction }) => {
        await transaction.manager.query('commit');
        throw new StepRejected('TOO_LATE');
      });
      expect(await ledger.send(action())).toMatchObject({ kind: 'failed', error: { code: 'SAGA_TRANSACTION_LOST' }, effect: 'possible' });
    });

    it('R9: a handler that hides that a statement failed had no effect', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, async ({ transaction }) => {
        await transaction.manager.query('select 1 / 0').catch(() => undefined);
      });
      expect(await ledger.send(action())).toMatchObject({ kind: 'failed', error: { code: '25P02' }, effect: 'none' });
      expect(await ledger.lines(account)).toEqual([]);
    });

    it('R25: what is stored comes back unchanged, whatever is in it', async () => {
      const { account, action } = newStep();
      const odd = { text: `it's \\ a "test"; -- \n`, [`'key\\'`]: [null, 1.5] };
      ledger.script.when('deposit', account, () => odd);
      const names = { saga: `o'saga\\`, step: `de'posit\\` };
      expect(await ledger.send(action(names))).toEqual({ kind: 'succeeded', result: odd });
      expect(await ledger.send(action({ ...names, attempt: 2 }))).toEqual({ kind: 'succeeded', result: odd });
      expect(await fenceRows(account)).toMatchObject([names]);
    });

    it('R9: a transaction that a handler leaves open inside is not taken for a commit', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, ({ transaction }) => transaction.manager.queryRunner?.startTransaction());
      expect(await ledger.send(action())).toMatchObject({ kind: 'failed', effect: 'none' });
      expect(await ledger.lines(account)).toEqual([]);
      expect(await ledger.send(newStep().action())).toMatchObject({ kind: 'succeeded' });
    });

    it('R25: a handler may use transactions inside', async () => {
      const { account, action } = newStep();
      ledger.script.when('deposit', account, async ({ transaction }) => {
        await transaction.manager.transaction((inner) =>
          inner.query('insert into line (account, done) values ($1, $2)', [account, 'inside']),
        );
      });
      expect(await ledger.send(action())).toMatchObject({ kind: 'succeeded' });
      expect(await ledger.lines(account)).toEqual(['deposit', 'inside']);
    });
  });

  it('R25: a command older than the retention is refused, and leaves the step unknown', async () => {
    const { account, action, compensation } = newStep();
    const old = Date.now() - 31 * 24 * 60 * 60 * 1_000;
    const expired = { kind: 'refused', error: { code: 'SAGA_COMMAND_EXPIRED' }, effect: 'possible' };
    expect(await ledger.send(action({ firstSentAt: old }))).toMatchObject(expired);
    expect(await ledger.send(compensation({ forwardFirstSentAt: old }))).toMatchObject(expired);
    expect(await fenceRows(account)).toEqual([]);
  });

  it('R34: handlers that take a second connection do not starve one another of it', async () => {
    const steps = Array.from({ length: 20 }, () => newStep());
    for (const { account } of steps) ledger.script.when('deposit', account, () => ledger.database.query('select 1'));
    const replies = await Promise.all(steps.map(({ action }) => ledger.send(action())));
    expect(replies.every((reply) => reply.kind === 'succeeded')).toBe(true);
  });
});
