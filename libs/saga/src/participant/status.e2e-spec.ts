import { Injectable, Scope } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { SagaCommand } from '../definition/saga-command.decorator.js';
import { SagaCommandContext } from '../definition/saga-command-context.js';
import { StepRejected } from '../planning/step-errors.js';
import { createTestDatabase, HANDLERS, LedgerService, newStep, PARTICIPANT, type TestDatabase } from './participant.fixture.js';
import { SagaHandler } from './saga-handler.decorator.js';
import type { CommandStatus, SagaStatusHandler } from './saga-status-handler.js';

@SagaCommand({ name: 'ledger.pay', participant: PARTICIPANT })
class Pay extends Command<{ readonly receipt: string }> {
  constructor(readonly account: string) {
    super();
  }
}

/** A service outside: by idempotency key, how often it paid; and what it does next, by account. */
@Injectable()
class Bank {
  readonly paid = new Map<string, number>();
  readonly next = new Map<string, ('pays' | 'pays, and the answer is lost' | 'is down')[]>();
  /** Accounts of which it says nothing. */
  readonly silent = new Set<string>();
  asked = 0;

  pay(key: string, account: string): { readonly receipt: string } {
    const does = this.next.get(account)?.shift() ?? 'pays';
    if (does === 'is down') throw new Error('the bank is down');
    this.paid.set(key, (this.paid.get(key) ?? 0) + 1);
    if (does !== 'pays') throw new Error('the answer is lost');
    return { receipt: account };
  }
}

@Injectable()
class PayStatus implements SagaStatusHandler<Pay> {
  constructor(
    private readonly bank: Bank,
    private readonly call: SagaCommandContext,
  ) {}

  async status({ account }: Pay): Promise<CommandStatus<{ readonly receipt: string }>> {
    this.bank.asked += 1;
    if (account.startsWith('broken')) throw new Error('no status today');
    if (this.bank.silent.has(account)) return { outcome: 'unknown' };
    return this.bank.paid.has(this.call.idempotencyKey) ? { outcome: 'succeeded', result: { receipt: account } } : { outcome: 'failed' };
  }
}

@SagaHandler({ external: true, status: PayStatus })
@CommandHandler(Pay)
class PayHandler implements ICommandHandler<Pay> {
  constructor(
    private readonly bank: Bank,
    private readonly call: SagaCommandContext,
  ) {}

  async execute({ account }: Pay) {
    if (account.startsWith('refused')) throw new StepRejected('NO_COVER');
    return this.bank.pay(this.call.idempotencyKey, account);
  }
}

const PAYING = [...HANDLERS, Bank, PayStatus, PayHandler];

describe('a command whose outcome can be asked for outside', () => {
  let database: TestDatabase;
  let ledger: LedgerService;
  let bank: Bank;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url, undefined, { handlers: PAYING });
    bank = ledger.app.get(Bank);
  });

  afterAll(async () => {
    await ledger.stop();
    await database.drop();
  });

  /** @param does what the bank does, call by call */
  const paying = (...does: NonNullable<ReturnType<Bank['next']['get']>>) => {
    const { account, action, compensation } = newStep(true);
    bank.next.set(account, does);
    const pay = (attempt: number) => ledger.send(action({ command: 'ledger.pay', attempt }));
    return { account, pay, compensation, timesPaid: () => bank.paid.get(`${account}:forward`) ?? 0 };
  };

  it('R9, R25: what it did although its handler threw is its reply, and it is not called again', async () => {
    const { account, pay, timesPaid } = paying('pays, and the answer is lost');
    const succeeded = { kind: 'succeeded', result: { receipt: account } };
    expect(await pay(1)).toEqual(succeeded);
    expect(await pay(2)).toEqual(succeeded);
    expect(timesPaid()).toBe(1);
  });

  it('R9: where certainly nothing was done it says so, and its compensation has nothing to undo', async () => {
    const { account, pay, compensation } = paying('is down', 'is down');
    const failed = { kind: 'failed', error: { message: 'the bank is down' }, effect: 'none' };
    expect([await pay(1), await pay(2)]).toMatchObject([failed, failed]);
    expect(await ledger.send(compensation())).toEqual({ kind: 'succeeded' });
    expect(ledger.script.calls.filter((call) => call.endsWith(` ${account}`))).toEqual([]);
  });

  it('R25: nobody can say: an effect stays possible, and is undone', async () => {
    const { account, pay, compensation } = paying('pays, and the answer is lost');
    bank.silent.add(account);
    expect(await pay(1)).toMatchObject({ kind: 'failed', effect: 'possible' });
    expect(await ledger.send(compensation())).toMatchObject({ kind: 'succeeded' });
    expect(ledger.script.calls.filter((call) => call.endsWith(` ${account}`))).toEqual([`refund ${account}`]);
  });

  it('R25: after a call that was cut short it is asked first, and called only where nothing was done', async () => {
    const { account, pay, timesPaid } = paying('pays, and the answer is lost', 'pays');
    bank.silent.add(account);
    expect(await pay(1)).toMatchObject({ effect: 'possible' });
    bank.silent.delete(account);
    expect(await pay(2)).toEqual({ kind: 'succeeded', result: { receipt: account } });
    expect(timesPaid()).toBe(1);
    const other = paying('is down', 'pays');
    bank.silent.add(other.account);
    expect(await other.pay(1)).toMatchObject({ effect: 'possible' });
    bank.silent.delete(other.account);
    expect(await other.pay(2)).toMatchObject({ kind: 'succeeded' });
    expect(other.timesPaid()).toBe(1);
  });

  it('is not asked where nothing is in doubt', async () => {
    const before = bank.asked;
    expect(await paying().pay(1)).toMatchObject({ kind: 'succeeded' });
    const { action } = newStep(true);
    const refused = await ledger.send(action({ command: 'ledger.pay', payload: { account: 'refused' } }));
    expect(refused).toMatchObject({ kind: 'refused', effect: 'none' });
    expect(bank.asked).toBe(before);
  });

  it('a status that throws says nothing', async () => {
    const { action, account } = newStep(true);
    bank.next.set(`broken ${account}`, ['is down']);
    expect(await ledger.send(action({ command: 'ledger.pay', payload: { account: `broken ${account}` } }))).toMatchObject({
      kind: 'failed',
      error: { message: 'the bank is down' },
      effect: 'possible',
    });
  });

  describe('a status that cannot be asked is found at boot', () => {
    @Injectable({ scope: Scope.REQUEST })
    class ForEachCall extends PayStatus {}

    it.each<[string, { readonly external?: boolean; readonly status: typeof PayStatus }, readonly (typeof PayStatus)[], string]>([
      [
        'it is not provided',
        { external: true, status: PayStatus },
        [],
        'PayHandler2 names PayStatus as its status, which is not provided. Add it to `providers`',
      ],
      [
        'its handler has no effects outside',
        { status: PayStatus },
        [PayStatus],
        'PayHandler2 names PayStatus as its status, and is not external. Add external: true',
      ],
      [
        'it is request-scoped',
        { external: true, status: ForEachCall },
        [ForEachCall],
        'PayHandler2 names ForEachCall as its status, which is request-scoped.',
      ],
    ])('%s', async (_, options, providers, message) => {
      @SagaHandler(options)
      @CommandHandler(Pay)
      class PayHandler2 extends PayHandler {}
      const handlers = [...HANDLERS, Bank, PayHandler2, ...providers];
      await expect(LedgerService.start(database.url, undefined, { handlers })).rejects.toThrow(message);
    });
  });
});
