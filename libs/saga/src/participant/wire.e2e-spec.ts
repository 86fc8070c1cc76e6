import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, CqrsModule } from '@nestjs/cqrs';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { openTcp } from '../../../../test/support/transports.js';
import {
  connectTo,
  createTestDatabase,
  databaseModules,
  HANDLERS,
  LedgerService,
  newStep,
  PARTICIPANT,
  send,
  type TestDatabase,
} from './participant.fixture.js';
import { SagaCommand } from '../definition/saga-command.decorator.js';
import type { StoredValue } from '../planning/payload.js';
import { CommandCatalog } from './command-catalog.js';
import { SagaCommandContext } from '../definition/saga-command-context.js';
import { SagaParticipant } from './saga-participant.js';
import { SagaParticipantModule } from './saga-participant.module.js';
import type { SagaParticipantOptions, SagaParticipantOptionsFactory } from './participant-options.js';

const TCP: MicroserviceOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } };

@SagaCommand({ name: 'ledger.unhandled', participant: PARTICIPANT })
class Unhandled extends Command<void> {}

describe('a participant on the wire', () => {
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

  it('R24: a handler learns for which saga it works', async () => {
    const { account, action, compensation } = newStep();
    const seen: unknown[] = [];
    const look = ({ context }: { context: SagaCommandContext }): void => {
      const { sagaId, step, item, direction, attempt, idempotencyKey, forwardIdempotencyKey, metadata, traceparent, tracestate } = context;
      const trace = { traceparent, tracestate };
      seen.push({ sagaId, step, item, direction, attempt, idempotencyKey, forwardIdempotencyKey, metadata, ...trace });
    };
    ledger.script.when('deposit', account, look);
    ledger.script.when('take-back', account, look);
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'rojo=1' };
    await ledger.send(action({ item: 3, attempt: 2, ...trace }));
    await ledger.send(compensation({ item: 3, ...trace }));
    const place = { sagaId: account, step: 'deposit', item: 3, metadata: { tenant: 't-1' }, ...trace };
    expect(seen).toEqual([
      { ...place, direction: 'forward', attempt: 2, idempotencyKey: `${account}:forward`, forwardIdempotencyKey: undefined },
      {
        ...place,
        direction: 'compensation',
        attempt: 1,
        idempotencyKey: `${account}:compensation`,
        forwardIdempotencyKey: `${account}:forward`,
      },
    ]);
  });

  it('tells the mend where no command is at work', () => {
    expect(() => ledger.app.get(SagaCommandContext).sagaId).toThrow(/No command of a saga is at work here/);
  });

  it('R26: the signal aborts when the sender no longer waits', async () => {
    const { account, action } = newStep();
    ledger.script.when(
      'deposit',
      account,
      ({ context: { signal } }) =>
        new Promise((resolve) => {
          const tell = (): void => resolve({ why: (signal.reason as Error).name });
          // On a busy machine the time is over before the handler is called.
          if (signal.aborted) tell();
          else signal.addEventListener('abort', tell);
        }),
    );
    expect(await ledger.send(action({ timeoutMs: 30 }))).toEqual({ kind: 'succeeded', result: { why: 'TimeoutError' } });
  });

  describe('messages that are no command of this participant', () => {
    it('R12: a command that names this participant and has no handler is found at boot', () => {
      expect(ledger.app.get(CommandCatalog).unhandled(PARTICIPANT)).toEqual([Unhandled.name]);
    });

    it('R24: a payload that is nested too deep to be read is answered', async () => {
      const depth = 100_000;
      const payload = { a: JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as StoredValue };
      const reply = await ledger.app.get(SagaParticipant).handle(newStep().action({ payload }));
      expect(reply).toMatchObject({ kind: 'failed', error: { code: 'SAGA_MALFORMED_COMMAND' }, effect: 'none' });
    });

    it('R24: the answer to an unknown command names command and participant', async () => {
      const reply = await ledger.send(newStep().action({ command: 'ledger.burn' }));
      expect(reply).toMatchObject({ error: { message: expect.stringMatching(/Participant 'ledger' knows no command 'ledger.burn'/) } });
    });

    it.each<[string, unknown]>([
      ['a command', newStep().action({ command: 'ledger.burn' })],
      ['a handler', newStep().action({ command: 'ledger.unhandled' })],
      ['a protocol', { protocol: 2 }],
    ])('R24: %s that the next version may know is to be asked for again when it may be there', async (_, message) => {
      expect(await ledger.send(message)).toMatchObject({ kind: 'failed', effect: 'none', retryAfterMs: 30_000 });
    });

    it('R5, R24: a payload above the limit is answered with what to do, and its handler is not called', async () => {
      const { account, action } = newStep();
      const reply = await ledger.send(action({ payload: { account, note: 'n'.repeat(256 * 1024) } }));
      expect(reply).toMatchObject({ kind: 'failed', error: { code: 'SAGA_MALFORMED_COMMAND' }, effect: 'none' });
      expect(reply).toMatchObject({ error: { message: expect.stringContaining('the limit (maxPayload) is 262144: keep it in a table') } });
      expect(ledger.script.calls).not.toContain(`deposit ${account}`);
    });

    it('R24: a payload that is not what the handler expects fails, and nothing else', async () => {
      const { action } = newStep();
      const odd = JSON.parse('{ "__proto__": { "account": "x" }, "constructor": null }') as Record<string, never>;
      expect(await ledger.send(action({ payload: odd }))).toMatchObject({ kind: 'failed', effect: 'none' });
      expect(await ledger.send(newStep().action())).toMatchObject({ kind: 'succeeded' });
    });
  });

  it('listens in a hybrid application too, whose options come from a factory, from before it is initialised', async () => {
    @Injectable()
    class Options implements SagaParticipantOptionsFactory {
      constructor(@Inject('NAME') private readonly name: string) {}
      createSagaParticipantOptions(): Promise<SagaParticipantOptions> {
        return Promise.resolve({ name: this.name, schema: 'other place' });
      }
    }
    @Module({ providers: [{ provide: 'NAME', useValue: PARTICIPANT }], exports: ['NAME'] })
    class NameModule {}
    @Module({
      imports: [
        CqrsModule.forRoot(),
        ...databaseModules(database.url),
        SagaParticipantModule.forRootAsync({ imports: [NameModule], useClass: Options }),
      ],
      providers: HANDLERS,
    })
    class HybridModule {}
    const app = await NestFactory.create(HybridModule, { logger: false });
    const wire = await openTcp();
    app.connectMicroservice<MicroserviceOptions>(wire.service);
    await app.startAllMicroservices();
    const client = connectTo(wire);
    const early = send(client, newStep().action());
    await client.connect();
    await app.init();
    expect(await early).toMatchObject({ kind: 'succeeded' });
    await client.close();
    await app.close();
  });

  it('works on the data source that it is told, and puts its fence there', async () => {
    const books = await createTestDatabase();
    const named = TypeOrmModule.forRoot({ name: 'books', type: 'postgres', url: books.url });
    const participant = SagaParticipantModule.forRoot({ name: PARTICIPANT, schema: 'fences', dataSource: 'books' });
    @Module({ imports: [CqrsModule.forRoot(), ...databaseModules(database.url), named, participant], providers: HANDLERS })
    class TwoDatabasesModule {}
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(TwoDatabasesModule, { ...TCP, logger: false });
    await app.init();
    const tables = `select table_name from information_schema.tables where table_schema = 'fences' and table_name = 'saga_fence'`;
    expect(await app.get<DataSource>(getDataSourceToken('books')).query(tables)).toHaveLength(1);
    expect(await app.get<DataSource>(getDataSourceToken()).query(tables)).toHaveLength(0);
    await app.close();
    await books.drop();
  });

  describe('at boot', () => {
    const boot = async (imports: NonNullable<Parameters<typeof Module>[0]['imports']>) => {
      @Module({ imports })
      class BadModule {}
      const app = await NestFactory.createMicroservice<MicroserviceOptions>(BadModule, { ...TCP, logger: false, abortOnError: false });
      try {
        await app.init();
      } finally {
        await app.close();
      }
    };

    it.each<[string, () => NonNullable<Parameters<typeof Module>[0]['imports']>, RegExp]>([
      [
        'no CommandBus',
        () => [...databaseModules(database.url), SagaParticipantModule.forRoot({ name: 'a' })],
        /no CommandBus.*CqrsModule.forRoot/,
      ],
      [
        'two CommandBuses',
        () => [CqrsModule, CqrsModule.forRoot(), ...databaseModules(database.url), SagaParticipantModule.forRoot({ name: 'a' })],
        /found 2 CommandBuses/,
      ],
      [
        'no DataSource',
        () => [CqrsModule.forRoot(), SagaParticipantModule.forRoot({ name: 'a' })],
        /found no DataSource.*TypeOrmModule.forRoot/,
      ],
      [
        'no DataSource of the name',
        () => [CqrsModule.forRoot(), ...databaseModules(database.url), SagaParticipantModule.forRoot({ name: 'a', dataSource: 'b' })],
        /named 'b'/,
      ],
      ['no name', () => [CqrsModule.forRoot(), SagaParticipantModule.forRoot({ name: '' })], /name is ""/],
      [
        'a bad duration',
        () => [CqrsModule.forRoot(), SagaParticipantModule.forRoot({ name: 'a', fenceRetention: 'soon' as '1d' })],
        /fenceRetention is "soon"/,
      ],
    ])('R12: %s stops it, with the mend', async (_, imports, message) => {
      await expect(boot(imports())).rejects.toThrow(message);
    });
  });
});
