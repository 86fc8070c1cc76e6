import { inspect } from 'node:util';

import { type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { Command, CommandHandler, CqrsModule } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import {
  Compensate,
  isSagaError,
  SagaClient,
  SagaCommand,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaDefinitionError,
  SagaModule,
  SagaStep,
  SagaTransaction,
} from 'nestjs-sagas';

import { RecordingLogger } from '../support/recording-logger.js';

const memory = { store: 'memory', retry: { delay: 1 } } as const;

interface Application {
  readonly imports?: readonly (Type<unknown> | DynamicModule)[];
  readonly providers?: readonly Provider[];
}

/** Boots as an application does, hands over the client, and closes. @returns what `use` throws, or the boot */
async function mistake(
  { imports = [SagaModule.forRoot(memory)], providers = [] }: Application,
  use: (sagas: SagaClient) => Promise<unknown> = async () => undefined,
): Promise<string> {
  const module = await Test.createTestingModule({ imports: [...imports], providers: [...providers] })
    .setLogger(new RecordingLogger())
    .compile();
  try {
    await module.init();
    await use(module.get(SagaClient));
  } catch (error) {
    return error instanceof SagaCompensatedError ? error.failure.message : String(error);
  } finally {
    await module.close();
  }
  throw new Error('No mistake was found.');
}

/** What the failure of the saga says, once it has run. */
const inARun = (saga: Type<object>, application: Application = {}): Promise<string> =>
  mistake({ ...application, providers: [saga, ...(application.providers ?? [])] }, async (sagas) =>
    (await sagas.start(saga, { orderId: 'o-1' })).result(),
  );

class PlaceOrder extends Command<string> {
  constructor(readonly orderId: string) {
    super();
  }
}

class ReturnRequested {
  constructor(readonly orderId: string) {}
}

type Context = SagaContext<PlaceOrder>;

@SagaDefinition({ name: 'place-order', startedBy: PlaceOrder, key: ({ orderId }) => orderId })
class StartedByCommand {
  @SagaStep({ kind: 'readonly' })
  async look(_: Context) {}
}

@SagaDefinition({ name: 'by-hand' })
class StartedByHand {
  @SagaStep({ kind: 'readonly' })
  async look() {}
}

describe('the first mistakes have messages that say what, where, and what to do', () => {
  it('R12: faults in definitions, all of them at once', async () => {
    @SagaDefinition({ name: 'place-order' })
    class PlaceOrderSaga {
      @SagaStep()
      async reserveStock() {}

      @SagaStep({ kind: 'retriable' })
      async notify() {}
    }

    @SagaDefinition({ name: 'return', startedBy: ReturnRequested })
    class ReturnSaga {
      @SagaStep({ kind: 'readonly' })
      async look(_: SagaContext<ReturnRequested>) {}
    }

    expect(await mistake({ providers: [PlaceOrderSaga, ReturnSaga] })).toBe(
      [
        'SagaDefinitionError: 3 faults in 2 sagas; nothing was started.',
        "  PlaceOrderSaga.reserveStock  has no compensation. Add @Compensate('reserveStock'), or kind: 'readonly' if it changes nothing.",
        "  PlaceOrderSaga.notify        is retriable, but no pivot stands before it. Mark one: @SagaStep({ kind: 'pivot' }).",
        '  ReturnSaga                   is started by ReturnRequested, but has no key. Add key: (input) => ….',
      ].join('\n'),
    );
  });

  it('an uncaught error prints its message and what it has, no more', () => {
    const error = new SagaDefinitionError([{ saga: 'PlaceOrderSaga', message: 'has no steps.' }]);
    const [, fields] = inspect(error).split(/\n    at [^{]*/);
    expect(fields ?? inspect(error)).not.toMatch(/undefined|Symbol/);
    expect(isSagaError(error)).toBe(true);
  });

  it('a saga that no module provides', async () => {
    @SagaDefinition({ name: 'place-order' })
    class PlaceOrderSaga {
      @SagaStep({ kind: 'readonly' })
      async look() {}
    }

    expect(await mistake({}, (sagas) => sagas.start(PlaceOrderSaga, {}))).toContain(
      'PlaceOrderSaga is not provided. Add it to `providers` of a module that the application imports.',
    );
  });

  it('a class without its decorator', async () => {
    class PlaceOrderSaga {}
    expect(await mistake({ providers: [PlaceOrderSaga] }, (sagas) => sagas.start(PlaceOrderSaga, {}))).toContain(
      'PlaceOrderSaga has no @SagaDefinition({ name }).',
    );
  });

  it('no data source', async () => {
    expect(await mistake({ imports: [SagaModule.forRoot()] })).toContain(
      "SagaModule found no TypeORM data source. Import TypeOrmModule.forRoot(…), name one with dataSource: '…', or use store: 'memory'.",
    );
  });

  it('a database that is no PostgreSQL', async () => {
    const mysql = { provide: getDataSourceToken() as Type<unknown>, useValue: { options: { type: 'mysql' } } };
    expect(await mistake({ imports: [SagaModule.forRoot()], providers: [mysql] })).toContain(
      "The data source is 'mysql'; sagas need PostgreSQL. For a first try: store: 'memory'.",
    );
  });

  it('the module twice', async () => {
    expect(await mistake({ imports: [SagaModule.forRoot(memory), SagaModule.forRoot({ ...memory, maxPayload: 9 })] })).toContain(
      'SagaModule.forRoot is imported twice. Import it once, in the root module.',
    );
  });

  it('a saga that is started by a command where there is no bus', async () => {
    expect(await mistake({ providers: [StartedByCommand] })).toContain(
      'place-order is started by PlaceOrder, but there is no CommandBus. Import CqrsModule.forRoot() in the root module.',
    );
  });

  it('two buses', async () => {
    expect(
      await mistake({ imports: [CqrsModule, CqrsModule.forRoot(), SagaModule.forRoot(memory)], providers: [StartedByHand] }),
    ).toContain('There are two CommandBuses: CqrsModule and CqrsModule.forRoot() are both imported. Keep forRoot(), once.');
  });

  const withBus = { imports: [CqrsModule.forRoot(), SagaModule.forRoot(memory)] };

  it('a command that starts a saga and has a handler too', async () => {
    @CommandHandler(PlaceOrder)
    class PlaceOrderHandler {
      async execute() {
        return 'done';
      }
    }

    expect(await mistake({ ...withBus, providers: [StartedByCommand, PlaceOrderHandler] })).toContain(
      'PlaceOrder starts saga place-order and also has PlaceOrderHandler. Remove one.',
    );
  });

  it('a command that nobody takes', async () => {
    @SagaCommand({ name: 'payment.charge-card', participant: 'payment' })
    class ChargeCard extends Command<void> {}

    @SagaDefinition({ name: 'place-order' })
    class PlaceOrderSaga {
      @SagaStep({ kind: 'readonly' })
      chargeCard() {
        return new ChargeCard();
      }
    }

    expect(await inARun(PlaceOrderSaga, withBus)).toBe(
      'place-order.chargeCard returned ChargeCard, which no handler here takes. Add a @CommandHandler, or participants: { payment: … }.',
    );
  });

  it('R7: a result that the step does not depend on', async () => {
    @SagaDefinition({ name: 'place-order' })
    class PlaceOrderSaga {
      @SagaStep({ kind: 'readonly' })
      async notify() {
        return 'sent';
      }

      @SagaStep({ kind: 'readonly', after: [] })
      async approve({ results }: SagaContext<unknown, PlaceOrderSaga>): Promise<string> {
        return results.notify;
      }
    }

    expect(await inARun(PlaceOrderSaga)).toBe(
      "place-order.approve reads results.notify, which it does not depend on. Add after: 'notify'.",
    );
  });

  it('R5: a value that does not survive storage', async () => {
    @SagaDefinition({ name: 'place-order' })
    class PlaceOrderSaga {
      @SagaStep()
      async createOrder() {
        return { total: 100n };
      }

      @Compensate('createOrder')
      async rejectOrder() {}
    }

    expect(await inARun(PlaceOrderSaga)).toBe(
      'place-order.createOrder: the result.total is a BigInt and does not survive storage; use a string or a number.',
    );
  });

  it('a step that asks for a transaction and is not transactional', async () => {
    @SagaDefinition({ name: 'place-order' })
    class PlaceOrderSaga {
      constructor(private readonly transaction: SagaTransaction) {}

      @SagaStep({ kind: 'readonly' })
      async approve() {
        await this.transaction.manager.query('select 1');
      }
    }

    expect(await inARun(PlaceOrderSaga)).toBe(
      'place-order.approve has no open transaction. Add transactional: true, or use your own DataSource.',
    );
  });
});
