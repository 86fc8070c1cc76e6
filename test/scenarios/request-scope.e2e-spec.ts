import { randomUUID } from 'node:crypto';

import { Inject, Injectable, type INestMicroservice, Module, Scope } from '@nestjs/common';
import { NestFactory, REQUEST } from '@nestjs/core';
import { AsyncContext, Command, CommandHandler, CqrsModule, type ICommandHandler } from '@nestjs/cqrs';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  Compensate,
  SagaCommand,
  SagaCommandContext,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaParticipantModule,
  SagaStep,
  SagaTransaction,
  StepRejected,
} from 'nestjs-sagas';
import { DataSource } from 'typeorm';

import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf, type SagaApp } from '../support/saga-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { openTcp, type Wire } from '../support/transports.js';

interface Entry {
  readonly account: string;
  readonly refused?: boolean;
}

const LINES = 'create table if not exists public.line (account text not null, text text not null)';
const linesOf = async (database: DataSource, account: string): Promise<readonly string[]> => {
  const rows: { readonly text: string }[] = await database.query('select text from public.line where account = $1', [account]);
  return rows.map(({ text }) => text);
};

/** Made for one attempt: it opens its page in the transaction that is open around it, before the method is called. */
@Injectable({ scope: Scope.REQUEST })
class Journal {
  private readonly opened: Promise<unknown>;

  constructor(
    private readonly transaction: SagaTransaction,
    @Inject(REQUEST) private readonly context: SagaContext<Entry>,
  ) {
    this.opened = this.write('page opened');
  }

  async book(text: string): Promise<void> {
    await this.opened;
    await this.write(text);
  }

  private async write(text: string): Promise<void> {
    const { input, step, attempt } = this.context;
    await this.transaction.manager.query('insert into public.line values ($1, $2)', [input.account, `${step}#${attempt}: ${text}`]);
  }
}

@SagaDefinition({ name: 'booking', retry: { attempts: 2 } })
class BookingSaga {
  constructor(private readonly journal: Journal) {}

  @SagaStep({ transactional: true })
  async book({ attempt }: SagaContext<Entry>) {
    await this.journal.book('booked');
    if (attempt === 1) throw new Error('rolled back');
  }

  @Compensate('book')
  async takeBack() {
    await this.journal.book('taken back');
  }

  @SagaStep({ kind: 'readonly', transactional: true })
  async check({ input }: SagaContext<Entry>) {
    if (input.refused) throw new StepRejected('WRONG');
  }
}

@SagaCommand({ name: 'scoped.post', participant: 'scoped' })
class Post extends Command<string> {
  constructor(readonly account: string) {
    super();
  }
}

/** Of a request by its own scope, as @nestjs/cqrs has it: REQUEST is its AsyncContext. */
@CommandHandler(Post, { scope: Scope.REQUEST })
class PostHandler implements ICommandHandler<Post> {
  private calls = 0;

  constructor(
    private readonly transaction: SagaTransaction,
    private readonly context: SagaCommandContext,
    @Inject(REQUEST) private readonly request: AsyncContext,
  ) {}

  async execute({ account }: Post) {
    this.calls += 1;
    const { step, attempt, metadata } = this.context;
    const text = `${step}#${attempt} for ${metadata['tenant']}`;
    await this.transaction.manager.query('insert into public.line values ($1, $2)', [account, text]);
    if (attempt === 1) throw new Error('rolled back');
    return `call ${this.calls}, in a context of its own: ${this.request instanceof AsyncContext}`;
  }
}

@SagaDefinition({ name: 'posting' })
class PostingSaga {
  @SagaStep({ transactional: true, kind: 'readonly' })
  post({ input }: SagaContext<Entry>) {
    return new Post(input.account);
  }
}

@SagaDefinition({ name: 'posting-elsewhere' })
class PostingElsewhereSaga {
  @SagaStep({ kind: 'readonly' })
  post({ input }: SagaContext<Entry>) {
    return new Post(input.account);
  }
}

async function startParticipant(url: string, wire: Wire): Promise<INestMicroservice> {
  @Module({
    imports: [CqrsModule.forRoot(), TypeOrmModule.forRoot({ type: 'postgres', url }), SagaParticipantModule.forRoot({ name: 'scoped' })],
    providers: [PostHandler],
  })
  class ParticipantModule {}
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(ParticipantModule, { ...wire.service, logger: false });
  await service.listen();
  return service;
}

describeStory('what is of a request, in a transaction', onPostgres(), ({ boot }) => {
  const account = randomUUID();
  const once = 'call 1, in a context of its own: true';
  const metadata = { tenant: 'acme' };
  const withLines = async (app: SagaApp): Promise<DataSource> => {
    await app.get(DataSource).query(LINES);
    return app.get(DataSource);
  };

  it('a service made for the attempt writes in the transaction of its step, from its constructor on', async () => {
    const app = await boot({ sagas: [BookingSaga], providers: [Journal] });
    const database = await withLines(app);
    const saga = await app.sagas.start(BookingSaga, { account, refused: true });
    await errorOf(saga.result(), SagaCompensatedError);
    expect(await linesOf(database, account)).toEqual([
      'book#2: page opened',
      'book#2: booked',
      'book#1: page opened',
      'book#1: taken back',
    ]);
  });

  it('a request-scoped command handler here has the transaction and the command context of its attempt', async () => {
    const app = await boot({ sagas: [PostingSaga], providers: [PostHandler] });
    const database = await withLines(app);
    const saga = await app.sagas.start(PostingSaga, { account: 'here' }, { metadata });
    expect(await saga.result()).toEqual({ post: once });
    expect(await linesOf(database, 'here')).toEqual(['post#2 for acme']);
  });

  describe('at a participant', () => {
    let database: TestDatabase;
    let participant: INestMicroservice;
    let wire: Wire;

    beforeAll(async () => {
      database = await createTestDatabase();
      wire = await openTcp();
      participant = await startParticipant(database.url, wire);
      await participant.get(DataSource).query(LINES);
    });
    afterAll(async () => {
      await participant.close();
      await database.drop();
    });

    it('R25: a request-scoped command handler works under the fence, with its transaction and command context', async () => {
      const app = await boot({ sagas: [PostingElsewhereSaga], options: { participants: { scoped: wire.client() } } });
      const saga = await app.sagas.start(PostingElsewhereSaga, { account: 'there' }, { metadata });
      expect(await saga.result({ timeout: '20s' })).toEqual({ post: once });
      expect(await linesOf(participant.get(DataSource), 'there')).toEqual(['post#2 for acme']);
    });
  });
});
