import { Command, CommandBus, CommandHandler, EventBus, type ICommandHandler } from '@nestjs/cqrs';
import {
  Compensate,
  CompensationContext,
  on,
  SagaCommandContext,
  SagaCompensatedError,
  SagaConflictError,
  SagaContext,
  SagaDefinition,
  SagaStep,
  StepRejected,
} from 'nestjs-sagas';
import { of, throwError } from 'rxjs';

import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type StoryStore } from '../support/saga-app.js';
import { World } from '../support/world.js';

class OpenAccount extends Command<string> {
  constructor(
    readonly accountId: string,
    readonly openedOn: Date,
  ) {
    super();
  }
}

class AccountWasOpenedElsewhere {
  constructor(readonly accountId: string) {}
}

class CustomerMoved {
  constructor(
    readonly customer: { readonly id: string },
    readonly town: string,
  ) {}
}

class PrintCard extends Command<{ readonly cardId: string; readonly printedOn: Date }> {
  constructor(readonly accountId: string) {
    super();
  }
}

class ShredCard extends Command<void> {
  constructor(readonly cardId: string | undefined) {
    super();
  }
}

class Inner extends Command<void> {}

@CommandHandler(PrintCard)
class PrintCardHandler implements ICommandHandler<PrintCard> {
  constructor(
    private readonly world: World,
    private readonly context: SagaCommandContext,
    private readonly commands: CommandBus,
  ) {}

  async execute({ accountId }: PrintCard) {
    const { step, direction, attempt, idempotencyKey } = this.context;
    this.world.did(`print ${step} ${direction} ${attempt} ${idempotencyKey.replace(/^[^:]*/, 'saga')}`);
    if (accountId === 'refused') throw new StepRejected('NO_CARDS', 'there are no cards');
    if (accountId === 'nested') return this.commands.execute(new Inner()) as never;
    return { cardId: `card of ${accountId}`, printedOn: new Date('2026-01-01T00:00:00.000Z') };
  }
}

@CommandHandler(ShredCard)
class ShredCardHandler implements ICommandHandler<ShredCard> {
  constructor(private readonly world: World) {}

  async execute({ cardId }: ShredCard) {
    this.world.did(`shred ${cardId}`);
  }
}

@SagaDefinition({
  name: 'account',
  startedBy: [OpenAccount, on(AccountWasOpenedElsewhere, ({ accountId }) => new OpenAccount(accountId, new Date(0)))],
  key: ({ accountId }) => accountId,
  retry: { attempts: 1 },
})
class AccountSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  printCard({ input }: SagaContext<OpenAccount>) {
    return new PrintCard(input.accountId);
  }

  @Compensate('printCard')
  shredCard(_: CompensationContext<OpenAccount>, card: { readonly cardId: string } | undefined) {
    return new ShredCard(card?.cardId);
  }

  @SagaStep({ kind: 'readonly' })
  check({ input, results }: SagaContext<OpenAccount, AccountSaga>) {
    this.world.did(
      `opened on a date: ${input.openedOn instanceof Date}, printed on a date: ${results.printCard.printedOn instanceof Date}`,
    );
    return input.accountId === 'bad' ? throwError(() => new StepRejected('BAD')) : of('first', 'last');
  }
}

@SagaDefinition({ name: 'moving', startedBy: on(CustomerMoved, ({ customer, town }) => ({ id: customer.id, town })), key: ({ id }) => id })
class MovingSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async move({ input }: SagaContext<{ id: string; town: string }>) {
    this.world.did(`${input.id} moves to ${input.town}`);
  }
}

export function tellCommandsAndEvents(store: StoryStore): void {
  const handlers = [PrintCardHandler, ShredCardHandler];

  describeStory('commands and events', store, ({ boot, world }) => {
    it('a command that starts a saga resolves with its id, once that is durable', async () => {
      const app = await boot({ sagas: [AccountSaga], providers: handlers });
      const openedOn = new Date();
      const id = await app.get(CommandBus).execute(new OpenAccount('a-1', openedOn));
      const saga = app.sagas.get(AccountSaga, id);
      expect(await saga.view()).toMatchObject({ id, name: 'account', key: 'a-1' });
      await saga.result();
      expect(await app.get(CommandBus).execute(new OpenAccount('a-1', openedOn))).toBe(id);
      await errorOf(app.get(CommandBus).execute(new OpenAccount('a-1', new Date(1))), SagaConflictError);
    });

    it('a step that returns a command runs it here, under the key of the step, and its result is stored', async () => {
      const app = await boot({ sagas: [AccountSaga], providers: handlers });
      const saga = await app.sagas.start(AccountSaga, { accountId: 'a-1', openedOn: new Date() });
      expect(await saga.result()).toEqual({
        printCard: { cardId: 'card of a-1', printedOn: new Date('2026-01-01T00:00:00.000Z') },
        check: 'last',
      });
      expect(world().deeds).toEqual(['print printCard forward 1 saga:printCard', 'opened on a date: true, printed on a date: true']);
    });

    it('a compensation that returns a command runs it; an observable that fails is an error like any other', async () => {
      const app = await boot({ sagas: [AccountSaga], providers: handlers });
      const saga = await app.sagas.start(AccountSaga, { accountId: 'bad', openedOn: new Date() });
      expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({ step: 'check', code: 'BAD', kind: 'rejected' });
      expect(world().deeds.at(-1)).toBe('shred card of bad');
    });

    it('R9: a handler that refuses is a certain refusal', async () => {
      const app = await boot({ sagas: [AccountSaga], providers: handlers });
      const saga = await app.sagas.start(AccountSaga, { accountId: 'refused', openedOn: new Date() });
      expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({ step: 'printCard', code: 'NO_CARDS' });
      expect(world().deeds).toEqual(['print printCard forward 1 saga:printCard']);
    });

    it('R9: a handler whose own command nobody takes may have done much before: its outcome is unknown', async () => {
      const app = await boot({ sagas: [AccountSaga], providers: handlers });
      const saga = await app.sagas.start(AccountSaga, { accountId: 'nested', openedOn: new Date() });
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure.message).toBe('No handler found for the command: "Inner".');
      expect(world().deeds.at(-1)).toBe('shred undefined');
    });

    it('an event starts a saga, with the input that on(…) makes of it; delivered twice it starts one', async () => {
      const app = await boot({ sagas: [MovingSaga, AccountSaga], providers: handlers });
      const events = app.get(EventBus);
      events.publish(new CustomerMoved({ id: 'c-1' }, 'Bergen'));
      events.publish(new CustomerMoved({ id: 'c-1' }, 'Bergen'));
      events.publish(new AccountWasOpenedElsewhere('a-2'));
      const saga = await eventually(
        async () => app.sagas.findByKey(MovingSaga, 'c-1'),
        (found) => found !== null,
      );
      await saga?.result();
      const account = await eventually(
        async () => app.sagas.findByKey(AccountSaga, 'a-2'),
        (found) => found !== null,
      );
      await account?.result();
      expect(world().deeds.filter((deed) => deed.includes('moves'))).toEqual(['c-1 moves to Bergen']);
    });

    it('an event that cannot start its saga is told in the log, and disturbs nobody', async () => {
      const app = await boot({ sagas: [MovingSaga] });
      app.get(EventBus).publish(new CustomerMoved({ id: 'c-1' }, 'Ber\0gen'));
      const line = await eventually(
        () => app.logger.lines.find(({ text }) => text.includes('did not start')),
        (found) => found !== undefined,
      );
      expect(line).toMatchObject({ level: 'error', text: 'CustomerMoved did not start moving' });
      app.get(EventBus).publish(new CustomerMoved({ id: 'c-1' }, 'Bergen'));
      await eventually(
        () => world().deeds.length,
        (length) => length === 1,
      );
    });
  });
}
