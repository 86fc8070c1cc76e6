import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Compensate,
  SagaClient,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaStep,
  SagaTransaction,
  StepRejected,
} from 'nestjs-sagas';
import { DataSource, type EntityManager } from 'typeorm';

import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf, type SagaApp, told } from '../support/saga-app.js';
import { aborted, World } from '../support/world.js';

type Behaviour = 'succeeds' | 'is refused' | 'fails' | 'hangs' | 'breaks a constraint' | 'leaves work behind';

interface Plan {
  readonly id: string;
  readonly deposit?: Behaviour;
  readonly close?: Behaviour;
  readonly undoFails?: number;
}

const addLine = async (manager: EntityManager, line: string): Promise<void> => {
  await manager.query('insert into public.line (text) values ($1)', [line]);
};

@SagaDefinition<Plan>({ name: 'ledger', retry: { attempts: 2 } })
class LedgerSaga {
  constructor(
    private readonly transaction: SagaTransaction,
    private readonly world: World,
  ) {}

  @SagaStep({ transactional: true, timeout: '150ms' })
  async deposit({ input, attempt, signal }: SagaContext<Plan>) {
    this.world.did(`deposit#${attempt}`);
    await addLine(this.transaction.manager, `${input.id}: deposit`);
    await this.behave(input.deposit, signal);
    return { deposited: true };
  }

  @Compensate('deposit')
  async withdraw({ input, attempt, outcome }: SagaContext<Plan> & { readonly outcome: string }) {
    this.world.did(`withdraw#${attempt} (${outcome})`);
    await this.transaction.manager.query('delete from public.line where text = $1', [`${input.id}: deposit`]);
    await addLine(this.transaction.manager, `${input.id}: withdrawn`);
    if (attempt <= (input.undoFails ?? 0)) throw new Error('not yet');
  }

  @SagaStep({ kind: 'readonly' })
  async close({ input, signal }: SagaContext<Plan>) {
    await this.behave(input.close, signal);
  }

  private async behave(behaviour: Behaviour | undefined, signal: AbortSignal): Promise<void> {
    if (behaviour === 'is refused') throw new StepRejected('CLOSED', 'the account is closed');
    if (behaviour === 'fails') throw new Error('the ledger is wet');
    if (behaviour === 'hangs') await aborted(signal);
    if (behaviour === 'breaks a constraint') await addLine(this.transaction.manager, 'taken');
    if (behaviour === 'leaves work behind')
      void this.world
        .gate('later')
        .pass()
        .then(() => this.worksLater());
  }

  private async worksLater(): Promise<void> {
    try {
      await addLine(this.transaction.manager, 'too late');
    } catch (error) {
      this.world.did((error as Error).message);
    } finally {
      this.world.gate('worked late').open();
    }
  }
}

class AddLine extends Command<void> {
  constructor(readonly text: string) {
    super();
  }
}

@CommandHandler(AddLine)
class AddLineHandler implements ICommandHandler<AddLine> {
  constructor(private readonly transaction: SagaTransaction) {}

  async execute({ text }: AddLine): Promise<void> {
    await addLine(this.transaction.manager, text);
    if (text.includes('refused')) throw new StepRejected('NO');
  }
}

interface Text {
  readonly text: string;
  readonly transactional: boolean;
}

@SagaDefinition<Text>({ name: 'by-command', retry: { attempts: 1 } })
class ByCommandSaga {
  @SagaStep({ transactional: true, when: ({ input }: SagaContext<Text>) => input.transactional, kind: 'readonly' })
  inside({ input }: SagaContext<Text>): AddLine | undefined {
    return new AddLine(input.text);
  }

  @SagaStep({ when: ({ input }: SagaContext<Text>) => !input.transactional, kind: 'readonly' })
  outside({ input }: SagaContext<Text>): AddLine | undefined {
    return new AddLine(input.text);
  }
}

@SagaDefinition<{ refuse: boolean }>({ name: 'starting-another' })
class StartingAnotherSaga {
  constructor(
    private readonly transaction: SagaTransaction,
    private readonly sagas: SagaClient,
  ) {}

  @SagaStep({ transactional: true, kind: 'readonly' })
  async startAnother({ input }: SagaContext<{ refuse: boolean }>) {
    const other = await this.sagas.start(ByCommandSaga, { text: 'by another', transactional: true }, { manager: this.transaction.manager });
    if (input.refuse) throw new StepRejected('NO');
    return other.id;
  }
}

const store = onPostgres();

describeStory('transactional steps', store, ({ boot, world }) => {
  const open = async (): Promise<SagaApp> => {
    const app = await boot({ sagas: [LedgerSaga, ByCommandSaga, StartingAnotherSaga], providers: [AddLineHandler] });
    await app.get(DataSource).query('create table if not exists public.line (text text primary key)');
    await app.get(DataSource).query("truncate public.line; insert into public.line values ('taken')");
    return app;
  };
  const lines = async (app: SagaApp): Promise<readonly string[]> => {
    const rows: { text: string }[] = await app.get(DataSource).query("select text from public.line where text <> 'taken' order by 1");
    return rows.map(({ text }) => text);
  };

  it('R18: what a step writes and its checkpoint commit together', async () => {
    const app = await open();
    const saga = await app.sagas.start(LedgerSaga, { id: 'a' });
    expect(await saga.result()).toEqual({ deposit: { deposited: true }, close: undefined });
    expect(await lines(app)).toEqual(['a: deposit']);
  });

  it('R9: a refusal rolls back what the step wrote: certainly no effect, and nothing to compensate', async () => {
    const app = await open();
    const saga = await app.sagas.start(LedgerSaga, { id: 'a', deposit: 'is refused' });
    const { failure } = await errorOf(saga.result(), SagaCompensatedError);
    expect(failure).toEqual({ step: 'deposit', kind: 'rejected', code: 'CLOSED', message: 'the account is closed' });
    expect(await lines(app)).toEqual([]);
    expect(world().deeds).toEqual(['deposit#1']);
  });

  it.each([
    ['fails', 'the ledger is wet'],
    ['hangs', 'no answer within its timeout of 150ms'],
    ['breaks a constraint', 'duplicate key value violates unique constraint "line_pkey"'],
  ] as const)('R9: one that %s in every attempt had no effect: failed, not unknown', async (deposit, message) => {
    const app = await open();
    const saga = await app.sagas.start(LedgerSaga, { id: 'a', deposit });
    const { failure } = await errorOf(saga.result(), SagaCompensatedError);
    expect(failure).toMatchObject({ step: 'deposit', message });
    expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed', attempts: 2, compensation: null });
    expect(world().deeds).toEqual(['deposit#1', 'deposit#2']);
    expect(await lines(app)).toEqual([]);
  });

  it('its compensation is transactional too: each attempt that fails is rolled back, and the last one is kept', async () => {
    const app = await open();
    const saga = await app.sagas.start(LedgerSaga, { id: 'a', close: 'is refused', undoFails: 2 });
    await errorOf(saga.result(), SagaCompensatedError);
    expect(world().deeds).toEqual(['deposit#1', 'withdraw#1 (succeeded)', 'withdraw#2 (succeeded)', 'withdraw#3 (succeeded)']);
    expect(await lines(app)).toEqual(['a: withdrawn']);
    expect((await told(saga)).slice(-3)).toEqual(['undo deposit#3 starts', 'undo deposit succeeded', 'the saga is compensated']);
  });

  it('work that was not awaited finds the transaction ended, and is told so', async () => {
    const app = await open();
    const saga = await app.sagas.start(LedgerSaga, { id: 'a', deposit: 'leaves work behind' });
    await saga.result();
    world().gate('later').open();
    await world().gate('worked late').pass();
    expect(world().deeds.at(-1)).toBe('The transaction of ledger.deposit has ended. Await everything that uses its manager.');
    expect(await lines(app)).toEqual(['a: deposit']);
  });

  it('a command that a transactional step returns is handled in its transaction', async () => {
    const app = await open();
    await (await app.sagas.start(ByCommandSaga, { text: 'by command', transactional: true })).result();
    const refused = await app.sagas.start(ByCommandSaga, { text: 'refused', transactional: true });
    expect((await errorOf(refused.result(), SagaCompensatedError)).failure).toMatchObject({ step: 'inside', kind: 'rejected' });
    expect(await lines(app)).toEqual(['by command']);
  });

  it('where none is open, asking for it names the step and the mend', async () => {
    const app = await open();
    const saga = await app.sagas.start(ByCommandSaga, { text: 'outside', transactional: false });
    const { failure } = await errorOf(saga.result(), SagaCompensatedError);
    expect(failure).toMatchObject({
      code: 'SAGA_NO_TRANSACTION',
      message: expect.stringContaining('In a step, add transactional: true') as string,
    });
    expect(() => app.get(SagaTransaction).manager).toThrow('No transaction of a saga is open here.');
  });

  it('R6: a saga that a step starts with its manager is there if the step is', async () => {
    const app = await open();
    const refused = await app.sagas.start(StartingAnotherSaga, { refuse: true });
    await errorOf(refused.result(), SagaCompensatedError);
    expect((await app.sagas.find({ name: 'by-command' })).items).toEqual([]);
    const { startAnother } = await (await app.sagas.start(StartingAnotherSaga, { refuse: false })).result();
    await app.sagas.get(startAnother).result();
    expect(await lines(app)).toEqual(['by another']);
  });

  it('R34: many of them at once share half of the pool, and all end', async () => {
    const app = await open();
    const sagas = await Promise.all(Array.from({ length: 40 }, async (_, n) => app.sagas.start(LedgerSaga, { id: `n${n}` })));
    await Promise.all(sagas.map(async (saga) => saga.result()));
    expect(await lines(app)).toHaveLength(40);
  });
});
