import { Inject, Injectable, type Provider, Scope, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  AwaitSignal,
  Compensate,
  CompensationContext,
  type JournalEntry,
  RetryLater,
  SagaCommandContext,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  type SagaHandle,
  SagaStep,
  StepRejected,
} from 'nestjs-sagas';

import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

interface Order {
  readonly bad?: boolean;
}

/** The shop's own service: made for one attempt, it knows whose attempt that is. */
@Injectable({ scope: Scope.REQUEST })
class Tenant {
  constructor(@Inject(REQUEST) private readonly context: SagaContext) {}

  get name(): string {
    const { metadata, step, attempt } = this.context;
    return `${metadata['tenant']} (${this.context instanceof CompensationContext ? 'undo ' : ''}${step}#${attempt})`;
  }
}

/** What it counts begins anew with each instance. */
@Injectable()
abstract class Serving {
  private calls = 0;

  constructor(protected readonly world: World) {}

  protected did(deed: string): void {
    this.calls += 1;
    this.world.did(`${deed}, call ${this.calls} of its instance`);
  }
}

@SagaDefinition({ name: 'of-a-request', scope: Scope.REQUEST })
class OfARequestSaga extends Serving {
  constructor(
    world: World,
    @Inject(REQUEST) private readonly request: SagaContext,
  ) {
    super(world);
  }

  @SagaStep()
  async reserve(context: SagaContext<Order>) {
    this.did(`reserve#${context.attempt}, REQUEST is its context: ${this.request === context}`);
    if (context.attempt === 1) throw new Error('busy');
  }

  @Compensate('reserve')
  async release(context: CompensationContext<Order>) {
    this.did(`release, REQUEST is its context: ${this.request === context}`);
  }

  @SagaStep({ kind: 'readonly', each: () => ['a', 'b'], concurrency: 1 })
  async check(context: SagaContext<Order, unknown, string>) {
    this.did(`check ${context.item}, REQUEST is its context: ${this.request === context}`);
    if (context.input.bad && context.item === 'b') throw new StepRejected('BAD');
  }
}

@SagaDefinition({ name: 'for-a-tenant' })
class ForATenantSaga extends Serving {
  constructor(
    world: World,
    private readonly tenant: Tenant,
  ) {
    super(world);
  }

  @SagaStep()
  async reserve() {
    this.did(`reserve for ${this.tenant.name}`);
  }

  @Compensate('reserve')
  async release() {
    this.did(`release for ${this.tenant.name}`);
  }

  @SagaStep({ kind: 'readonly' })
  async check() {
    throw new StepRejected('BAD');
  }
}

@SagaDefinition({ name: 'plain' })
class PlainSaga extends Serving {
  @SagaStep({ kind: 'readonly' })
  async first() {
    this.did('first');
  }

  @SagaStep({ kind: 'readonly' })
  async second() {
    this.did('second');
  }
}

const PLAIN: readonly [string, Provider, string][] = [
  ['of the default scope is one for all attempts', PlainSaga, 'second, call 2 of its instance'],
  [
    'that is transient is made anew for each',
    { provide: PlainSaga, useClass: PlainSaga, scope: Scope.TRANSIENT },
    'second, call 1 of its instance',
  ],
  [
    'provided with Scope.REQUEST is made anew for each',
    { provide: PlainSaga, useClass: PlainSaga, scope: Scope.REQUEST },
    'second, call 1 of its instance',
  ],
  [
    'of a factory that takes the request is made anew for each',
    { provide: PlainSaga, useFactory: async (world: World) => new PlainSaga(world), inject: [World, REQUEST] },
    'second, call 1 of its instance',
  ],
];

@SagaDefinition({ name: 'approval', scope: Scope.REQUEST })
class ApprovalSaga {
  constructor(@Inject(REQUEST) private readonly request: SagaContext) {}

  @AwaitSignal('approve')
  async approved(context: SagaContext, by: string) {
    return `by ${by}, REQUEST is its context: ${this.request === context}`;
  }
}

/** A provider of the saga's that cannot be had. */
const CONNECTION = Symbol('connection');

@SagaDefinition({ name: 'connected', scope: Scope.REQUEST, retry: { attempts: 2, retryIf: ({ message }) => message !== 'no such line' } })
class ConnectedSaga {
  constructor(
    private readonly world: World,
    @Inject(CONNECTION) private readonly connection: string,
  ) {}

  @SagaStep({ timeout: 50 })
  async send() {
    this.world.did(`send over ${this.connection}`);
  }

  @Compensate('send')
  async takeBack() {
    this.world.did('take back');
  }
}

const connection = (connect: (context: SagaContext, world: World) => Promise<string>): Provider => ({
  provide: CONNECTION,
  useFactory: connect,
  inject: [REQUEST, World],
  scope: Scope.REQUEST,
});

class Greet extends Command<string> {
  constructor(readonly name: string) {
    super();
  }
}

@CommandHandler(Greet, { scope: Scope.REQUEST })
class GreetHandler implements ICommandHandler<Greet> {
  private readonly bornFor: string;
  private calls = 0;

  constructor(private readonly context: SagaCommandContext) {
    this.bornFor = `${context.step} ${context.direction}#${context.attempt}`;
  }

  async execute({ name }: Greet) {
    this.calls += 1;
    if (this.context.attempt === 1) throw new Error('hoarse');
    const { metadata, step, direction, attempt } = this.context;
    return `${name} of ${metadata['tenant']}: made for ${this.bornFor}, called for ${step} ${direction}#${attempt}, call ${this.calls}`;
  }
}

@SagaDefinition({ name: 'greeting' })
class GreetingSaga {
  @SagaStep({ kind: 'readonly', each: () => ['Ann', 'Bob'] })
  greet({ item }: SagaContext<unknown, unknown, string>) {
    return new Greet(item);
  }
}

export function tellRequestScope(store: StoryStore): void {
  describeStory('sagas of a request', store, ({ boot, world }) => {
    it('a request-scoped saga is made anew for each attempt, and REQUEST is the context of that attempt', async () => {
      const app = await boot({ sagas: [OfARequestSaga] });
      const saga = await app.sagas.start(OfARequestSaga, { bad: true });
      await errorOf(saga.result(), SagaCompensatedError);
      expect(world().deeds).toEqual([
        'reserve#1, REQUEST is its context: true, call 1 of its instance',
        'reserve#2, REQUEST is its context: true, call 1 of its instance',
        'check a, REQUEST is its context: true, call 1 of its instance',
        'check b, REQUEST is its context: true, call 1 of its instance',
        'release, REQUEST is its context: true, call 1 of its instance',
      ]);
    });

    it('so is one that injects something request-scoped: it knows for whom it works without being told', async () => {
      const app = await boot({ sagas: [ForATenantSaga], providers: [Tenant] });
      const ids = ['acme', 'umbra'].map(async (tenant) => app.sagas.start(ForATenantSaga, {}, { metadata: { tenant } }));
      for (const saga of await Promise.all(ids)) await errorOf(saga.result(), SagaCompensatedError);
      const deeds = (tenant: string): readonly string[] => [
        `reserve for ${tenant} (reserve#1), call 1 of its instance`,
        `release for ${tenant} (undo reserve#1), call 1 of its instance`,
      ];
      expect(world().deeds.toSorted()).toEqual([...deeds('acme'), ...deeds('umbra')].toSorted());
    });

    it.each(PLAIN)('a saga %s', async (_, provider, second) => {
      const app = await boot({ sagas: [], providers: [provider] });
      await (await app.sagas.start(PlainSaga, {})).result();
      expect(world().deeds).toEqual(['first, call 1 of its instance', second]);
    });

    it('a step that waited gets its instance when its method is called', async () => {
      const app = await boot({ sagas: [ApprovalSaga] });
      const saga = await app.sagas.start(ApprovalSaga, {});
      await saga.signal('approve', 'Ann');
      expect(await saga.result()).toEqual({ approved: 'by Ann, REQUEST is its context: true' });
    });

    it('R9: a saga that cannot be made fails its attempts, which are retried; certainly nothing was done, and nothing is undone', async () => {
      const connect = async (): Promise<string> => {
        throw new Error('the line is dead');
      };
      const app = await boot({ sagas: [ConnectedSaga], providers: [connection(connect)] });
      const saga = await app.sagas.start(ConnectedSaga, {});
      await errorOf(saga.result(), SagaCompensatedError);
      const why = 'connected.send was not called, because ConnectedSaga could not be made: the line is dead';
      expect(await told(saga)).toEqual([
        'the saga starts',
        'send starts',
        `send fails: ${why}`,
        'send#2 starts',
        `send failed: ${why}`,
        `unwinding begins: send failed (${why})`,
        'the saga is compensated',
      ]);
      expect(world().deeds).toEqual([]);
    });

    it('R9: what a provider throws is judged as if the method had thrown it: a refusal, a time to wait, what retryIf says', async () => {
      const thrown: Error[] = [new RetryLater(1, 'the line is busy'), new StepRejected('NO_LINE', 'there is no line')];
      const connect = async ({ attempt }: SagaContext): Promise<string> => {
        throw thrown[attempt - 1] as Error;
      };
      const app = await boot({ sagas: [ConnectedSaga], providers: [connection(connect)] });
      const saga = await app.sagas.start(ConnectedSaga, {});
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({ step: 'send', kind: 'rejected', code: 'NO_LINE', message: 'there is no line' });
      expect(await told(saga)).toContain(
        'send fails: connected.send was not called, because ConnectedSaga could not be made: the line is busy',
      );
      thrown[0] = new Error('no such line');
      const again = await app.sagas.start(ConnectedSaga, {});
      await errorOf(again.result(), SagaCompensatedError);
      expect((await again.view()).steps).toMatchObject([{ step: 'send', status: 'failed', attempts: 1 }]);
    });

    it('R22: an instance that comes after the time limit is not called any more: certainly nothing was done', async () => {
      const connect = async ({ attempt, signal }: SagaContext, at: World): Promise<string> => {
        if (attempt === 1)
          await at
            .gate('line')
            .pass(signal)
            .catch(() => undefined);
        return `line ${attempt}`;
      };
      const app = await boot({ sagas: [ConnectedSaga], providers: [connection(connect)] });
      const saga = await app.sagas.start(ConnectedSaga, {});
      await saga.result();
      expect(world().deeds).toEqual(['send over line 2']);
      expect(await journalOf(saga, 'attempt-failed')).toMatchObject([{ details: { effect: 'none' } }]);
    });

    it('a step that is not called any more because the saga unwinds has failed, and is not undone', async () => {
      const connect = async ({ signal }: SagaContext, at: World): Promise<string> => {
        await at
          .gate('line')
          .pass(signal)
          .catch(() => undefined);
        return 'line';
      };
      const app = await boot({ sagas: [ConnectedSaga], providers: [connection(connect)] });
      const saga = await app.sagas.start(ConnectedSaga, {});
      await world().gate('line').reached;
      await saga.cancel('changed my mind');
      await errorOf(saga.result(), SagaCompensatedError);
      expect((await saga.view()).steps).toMatchObject([{ step: 'send', status: 'failed' }]);
      expect(world().deeds).toEqual([]);
    });

    it('a request-scoped command handler is made anew for each attempt, and SagaCommandContext answers in it', async () => {
      const app = await boot({ sagas: [GreetingSaga], providers: [GreetHandler as Type<object>] });
      const saga = await app.sagas.start(GreetingSaga, {}, { metadata: { tenant: 'acme' } });
      expect(await saga.result()).toEqual({
        greet: ['Ann', 'Bob'].map((name) => `${name} of acme: made for greet forward#2, called for greet forward#2, call 1`),
      });
    });
  });
}

const journalOf = async (saga: Pick<SagaHandle, 'journal'>, kind: string): Promise<readonly JournalEntry[]> =>
  (await saga.journal()).filter((entry) => entry.kind === kind);
