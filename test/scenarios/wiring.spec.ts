import { type DynamicModule, Injectable, Module, type Provider, type Type } from '@nestjs/common';
import { Command, CqrsModule } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import {
  on,
  SagaClient,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaModule,
  type SagaModuleOptions,
  type SagaOptionsFactory,
  SagaStep,
  SagaTransaction,
} from 'nestjs-sagas';

import { RecordingLogger } from '../support/recording-logger.js';
import { errorOf } from '../support/saga-app.js';

class Begin extends Command<string> {
  constructor(readonly id: string) {
    super();
  }
}

class HasBegun {
  constructor(readonly id: string) {}
}

@SagaDefinition({ name: 'by-command', startedBy: Begin, key: ({ id }) => id })
class ByCommandSaga {
  @SagaStep({ kind: 'readonly' })
  async work() {}
}

@SagaDefinition({ name: 'by-event', startedBy: on(HasBegun, ({ id }) => ({ id })), key: ({ id }) => id })
class ByEventSaga {
  @SagaStep({ kind: 'readonly' })
  async work() {}
}

@SagaDefinition({ name: 'by-hand' })
class ByHandSaga {
  @SagaStep({ kind: 'readonly' })
  async work() {
    return 'done';
  }
}

@SagaDefinition({ name: 'not-provided' })
class NotProvidedSaga {
  @SagaStep({ kind: 'readonly' })
  async work() {}
}

@SagaDefinition<{ write: boolean }>({ name: 'transactional', retry: { attempts: 1 } })
class TransactionalSaga {
  constructor(private readonly transaction: SagaTransaction) {}

  @SagaStep({ kind: 'readonly', transactional: true })
  async work({ input }: SagaContext<{ write: boolean }>) {
    if (input.write) await this.transaction.manager.query('select 1');
    return 'worked';
  }
}

class NoSaga {}

@Injectable()
class Settings implements SagaOptionsFactory {
  createSagaOptions(): SagaModuleOptions {
    return { maxPayload: 20 };
  }
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

interface Wiring {
  readonly imports: readonly (Type<unknown> | DynamicModule)[];
  readonly providers?: readonly Provider[];
  readonly logger?: RecordingLogger;
}

const memory = { store: 'memory' } as const;

/** Boots, hands over the client, and closes. */
async function booted<T>(
  { imports, providers = [], logger = new RecordingLogger() }: Wiring,
  use: (sagas: SagaClient) => Promise<T>,
): Promise<T> {
  const module = await Test.createTestingModule({ imports: [...imports], providers: [...providers] })
    .setLogger(logger)
    .compile();
  try {
    await module.init();
    return await use(module.get(SagaClient));
  } finally {
    await module.close();
  }
}

const boot = async (wiring: Wiring): Promise<void> => booted(wiring, async () => undefined);

describe('wiring', () => {
  it('says what to do where there is no data source, and which one where it has a name', async () => {
    const text =
      "SagaModule found no TypeORM data source. Import TypeOrmModule.forRoot(…), name one with dataSource: '…', or use store: 'memory'.";
    await expect(boot({ imports: [SagaModule.forRoot()] })).rejects.toThrow(text);
    await expect(boot({ imports: [SagaModule.forRoot({ dataSource: 'shop' })] })).rejects.toThrow(
      `${text} (It looks for the one named 'shop'.)`,
    );
  });

  it('refuses to be imported twice', async () => {
    await expect(boot({ imports: [SagaModule.forRoot(memory), SagaModule.forRoot({ ...memory, maxPayload: 9 })] })).rejects.toThrow(
      'SagaModule.forRoot is imported twice. Import it once, in the root module.',
    );
  });

  it('refuses two command buses', async () => {
    await expect(boot({ imports: [CqrsModule, CqrsModule.forRoot(), SagaModule.forRoot(memory)] })).rejects.toThrow(
      'There are two CommandBuses: CqrsModule and CqrsModule.forRoot() are both imported. Keep forRoot(), once.',
    );
  });

  it('refuses a saga that is started by a message where there is no bus', async () => {
    const imports = [SagaModule.forRoot(memory)];
    await expect(boot({ imports, providers: [ByCommandSaga] })).rejects.toThrow(
      'by-command is started by Begin, but there is no CommandBus. Import CqrsModule.forRoot() in the root module.',
    );
    await expect(boot({ imports, providers: [ByEventSaga] })).rejects.toThrow(
      'by-event is started by HasBegun, but there is no EventBus. Import CqrsModule.forRoot() in the root module.',
    );
  });

  it('runs without a bus where no saga needs one', async () => {
    const result = await booted({ imports: [SagaModule.forRoot(memory)], providers: [ByHandSaga] }, async (sagas) =>
      (await sagas.start(ByHandSaga, {})).result(),
    );
    expect(result).toEqual({ work: 'done' });
  });

  it('names a class that is no saga, or is not provided', async () => {
    await booted({ imports: [SagaModule.forRoot(memory)], providers: [ByHandSaga] }, async (sagas) => {
      await expect(sagas.start(NotProvidedSaga, {})).rejects.toThrow(
        'NotProvidedSaga is not provided. Add it to `providers` of a module that the application imports.',
      );
      await expect(sagas.start(NoSaga, {})).rejects.toThrow('NoSaga has no @SagaDefinition({ name }).');
    });
  });

  it.each([
    [{ worker: { concurrency: 0 } }, 'SagaModule.forRoot({ worker.concurrency }) is 0; give a whole number from 1'],
    [{ worker: { lease: '10ms' } }, 'SagaModule.forRoot({ worker.lease }) is 10ms; give at least 300ms'],
    [{ worker: { shutdownTimeout: 'soon' } }, 'SagaModule.forRoot({ worker.shutdownTimeout }) is "soon"; give milliseconds'],
    [{ abandonAfter: -1 }, 'SagaModule.forRoot({ abandonAfter }) is -1; give milliseconds'],
    [{ maxPayload: 1.5 }, 'SagaModule.forRoot({ maxPayload }) is 1.5; give a whole number from 1'],
    [{ stepTimeout: 'never' }, 'SagaModule.forRoot({ stepTimeout }) is "never"; give milliseconds'],
    [{ stepTimeout: 0 }, 'SagaModule.forRoot({ stepTimeout }) is 0ms; give at least 1ms'],
    [{ retention: 'a while' }, 'SagaModule.forRoot({ retention }) is "a while"; give milliseconds'],
    [
      { keyRetention: '1d' },
      'SagaModule.forRoot({ keyRetention }) is "1d", shorter than retention, which is "30d"; give that much or more',
    ],
    [{ retention: 'forever', keyRetention: '90d' }, 'is "90d", shorter than retention, which is "forever"; give that much or more'],
    [{ mailboxRetention: 'forever' }, 'SagaModule.forRoot({ mailboxRetention }) is "forever"; give milliseconds'],
    [{ migrations: 'nope' }, "SagaModule.forRoot({ migrations }) is \"nope\"; give 'run', 'check' or 'off'"],
    [{ pooled: 'false' }, 'SagaModule.forRoot({ pooled }) is "false"; give true or false'],
    [{ worker: { enabled: 'no' } }, 'SagaModule.forRoot({ worker.enabled }) is "no"; give true or false'],
    [{ store: 'Memory' }, "SagaModule.forRoot({ store }) is \"Memory\"; give 'postgres' or 'memory'"],
    [{ retry: { attempts: 0 } }, 'SagaModule.forRoot({ retry.attempts }) is 0; give a whole number from 1'],
    [{ compensationRetry: { factor: 0 } }, 'SagaModule.forRoot({ compensationRetry.factor }) is 0; give a number from 1'],
    [{ alertAfter: 0 }, 'SagaModule.forRoot({ alertAfter }) is 0; give a whole number from 1'],
    [{ crashLimit: Number.NaN }, 'SagaModule.forRoot({ crashLimit }) is NaN; give a whole number from 1'],
  ])('refuses options that make no sense, whether a saga uses them or not: %p', async (options, message) => {
    await expect(boot({ imports: [SagaModule.forRoot({ ...memory, ...(options as SagaModuleOptions) })] })).rejects.toThrow(message);
  });

  it.each<[string, () => DynamicModule]>([
    [
      'useFactory',
      () =>
        SagaModule.forRootAsync({
          ...memory,
          inject: [Settings],
          imports: [SettingsModule],
          useFactory: (settings: Settings) => settings.createSagaOptions(),
        }),
    ],
    ['useFactory that is async', () => SagaModule.forRootAsync({ ...memory, useFactory: async () => ({ maxPayload: 20 }) })],
    ['useClass', () => SagaModule.forRootAsync({ ...memory, useClass: Settings })],
    ['useExisting', () => SagaModule.forRootAsync({ ...memory, useExisting: Settings, imports: [SettingsModule] })],
  ])('forRootAsync takes its options by %s', async (_how, wiring) => {
    await booted({ imports: [wiring()], providers: [ByHandSaga] }, async (sagas) => {
      await expect(sagas.start(ByHandSaga, { text: 'longer than twenty bytes' })).rejects.toThrow('the limit (maxPayload) is 20');
      await (await sagas.start(ByHandSaga, {})).result();
    });
  });

  it('warns once, at boot, that in memory sagas end with the process', async () => {
    const logger = new RecordingLogger();
    await booted({ imports: [SagaModule.forRoot(memory)], providers: [ByHandSaga], logger }, async (sagas) => {
      await (await sagas.start(ByHandSaga, {})).result();
    });
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        context: 'SagaModule',
        text: "store: 'memory': sagas end with this process. For anything that must survive it: store: 'postgres'.",
        fields: {},
      },
    ]);
  });

  it('has no transaction to join in memory: a start with a manager is an error, and says what to do', async () => {
    await booted({ imports: [SagaModule.forRoot(memory)], providers: [ByHandSaga] }, async (sagas) => {
      await expect(sagas.start(ByHandSaga, {}, { manager: {} as never })).rejects.toThrow(
        "store: 'memory' has no transactions that a start could join. Leave manager out, or use PostgreSQL.",
      );
    });
  });

  it('runs a transactional step in memory as long as it asks for no database', async () => {
    await booted({ imports: [SagaModule.forRoot(memory)], providers: [TransactionalSaga] }, async (sagas) => {
      expect(await (await sagas.start(TransactionalSaga, { write: false })).result()).toEqual({ work: 'worked' });
      const { failure } = await errorOf((await sagas.start(TransactionalSaga, { write: true })).result(), SagaCompensatedError);
      expect(failure.message).toBe(
        "store: 'memory' has no database, so this transactional step has no transaction to work in. Use PostgreSQL: leave store out of SagaModule.forRoot.",
      );
    });
  });
});
