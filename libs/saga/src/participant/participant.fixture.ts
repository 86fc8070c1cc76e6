import { Injectable, type INestMicroservice, type LoggerService, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Command, CommandHandler, CqrsModule, type ICommandHandler } from '@nestjs/cqrs';
import { type ClientProxy, ClientProxyFactory, type MicroserviceOptions } from '@nestjs/microservices';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { firstValueFrom, timeout } from 'rxjs';
import { Column, DataSource, Entity, PrimaryGeneratedColumn, Repository } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { BROKER_MS, openTcp, type Wire } from '../../../../test/support/transports.js';
import { SagaCommand } from '../definition/saga-command.decorator.js';
import { SagaTransaction } from '../store/saga-transaction.js';
import { type CommandMessage, commandPattern, type CommandReply } from './protocol.js';
import { SagaCommandContext } from '../definition/saga-command-context.js';
import { faultsOfReply } from './protocol-schema.fixture.js';
import { SagaHandler } from './saga-handler.decorator.js';
import { SagaParticipantModule } from './saga-participant.module.js';

/** The participant of these tests: a ledger, whose lines say which handler did what. */
export const PARTICIPANT = 'ledger';

@Entity({ name: 'line' })
export class Line {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'text' })
  account: string;

  @Column({ type: 'text' })
  done: string;
}

@SagaCommand({ name: 'ledger.deposit', participant: PARTICIPANT })
export class Deposit extends Command<unknown> {
  constructor(readonly account: string) {
    super();
  }
}

@SagaCommand({ name: 'ledger.take-back', participant: PARTICIPANT })
export class TakeBack extends Command<unknown> {
  constructor(readonly account: string) {
    super();
  }
}

@SagaCommand({ name: 'ledger.charge-outside', participant: PARTICIPANT })
export class ChargeOutside extends Command<unknown> {
  constructor(readonly account: string) {
    super();
  }
}

@SagaCommand({ name: 'ledger.refund-outside', participant: PARTICIPANT })
export class RefundOutside extends Command<unknown> {
  constructor(readonly account: string) {
    super();
  }
}

export interface Visit {
  readonly context: SagaCommandContext;
  readonly transaction: SagaTransaction;
}

type Behaviour = (visit: Visit) => unknown;

/** What the handlers do for an account beyond writing their line; the test says it. */
@Injectable()
export class Script {
  private readonly behaviours = new Map<string, Behaviour>();
  /** Handlers called, in order: these calls stand for effects outside, which no rollback takes back. */
  readonly calls: string[] = [];

  constructor(
    @InjectRepository(Line) private readonly lines: Repository<Line>,
    private readonly transaction: SagaTransaction,
    private readonly context: SagaCommandContext,
  ) {}

  when(command: string, account: string, behaviour: Behaviour): void {
    this.behaviours.set(`${command} ${account}`, behaviour);
  }

  async play(command: string, { account }: { readonly account: string }): Promise<unknown> {
    this.calls.push(`${command} ${account}`);
    await this.transaction.manager.withRepository(this.lines).insert({ account, done: command });
    return (await this.behaviours.get(`${command} ${account}`)?.({ context: this.context, transaction: this.transaction })) ?? { account };
  }
}

@CommandHandler(Deposit)
class DepositHandler implements ICommandHandler<Deposit> {
  constructor(private readonly script: Script) {}
  execute(command: Deposit): Promise<unknown> {
    return this.script.play('deposit', command);
  }
}

@CommandHandler(TakeBack)
class TakeBackHandler implements ICommandHandler<TakeBack> {
  constructor(private readonly script: Script) {}
  execute(command: TakeBack): Promise<unknown> {
    return this.script.play('take-back', command);
  }
}

@CommandHandler(ChargeOutside)
@SagaHandler({ external: true })
class ChargeOutsideHandler implements ICommandHandler<ChargeOutside> {
  constructor(private readonly script: Script) {}
  execute(command: ChargeOutside): Promise<unknown> {
    return this.script.play('charge', command);
  }
}

@CommandHandler(RefundOutside)
@SagaHandler({ external: true })
class RefundOutsideHandler implements ICommandHandler<RefundOutside> {
  constructor(private readonly script: Script) {}
  execute(command: RefundOutside): Promise<unknown> {
    return this.script.play('refund', command);
  }
}

export const HANDLERS: Provider[] = [Script, DepositHandler, TakeBackHandler, ChargeOutsideHandler, RefundOutsideHandler];

export const databaseModules = (url: string) => [
  TypeOrmModule.forRoot({ type: 'postgres', url, entities: [Line], synchronize: true }),
  TypeOrmModule.forFeature([Line]),
];

interface LedgerVersion {
  readonly handlers?: Provider[];
  readonly logger?: LoggerService | false;
}

/** A microservice with the ledger's handlers, its client, and its database. */
export class LedgerService {
  private constructor(
    readonly app: INestMicroservice,
    readonly client: ClientProxy,
    readonly wire: Wire,
  ) {}

  /** Returns when commands reach it. Over TCP, unless the test opened another way. */
  static async start(url: string, opened?: Wire, { handlers = HANDLERS, logger = false }: LedgerVersion = {}): Promise<LedgerService> {
    const wire = opened ?? (await openTcp());
    @Module({
      imports: [CqrsModule.forRoot(), ...databaseModules(url), SagaParticipantModule.forRoot({ name: PARTICIPANT })],
      providers: handlers,
    })
    class LedgerModule {}
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(LedgerModule, { ...wire.service, logger });
    await app.listen();
    const client = connectTo(wire);
    // Redis says that somebody listens before he does.
    await sendUntilAnswered(client, 'are you there?');
    return new LedgerService(app, client, wire);
  }

  get script(): Script {
    return this.app.get(Script);
  }

  get database(): DataSource {
    return this.app.get(DataSource);
  }

  send(message: unknown): Promise<CommandReply> {
    return send(this.client, message);
  }

  /** What the handlers did for an account and what was committed. */
  async lines(account: string): Promise<string[]> {
    const lines = await this.database.getRepository(Line).find({ where: { account }, order: { id: 'asc' } });
    return lines.map((line) => line.done);
  }

  async stop(): Promise<void> {
    await this.client.close();
    await repliesTaken(this.app);
    await this.app.close();
  }
}

/**
 * Nest's server over RabbitMQ looks after no reply that it sent: one that the broker has not confirmed when the server closes is a rejection
 * that nobody handles.
 */
async function repliesTaken(app: INestMicroservice): Promise<void> {
  interface RabbitServer {
    readonly serverInstance: { readonly channel?: { readonly _channel?: { waitForConfirms(): Promise<void> } } };
  }
  // oxlint-disable-next-line no-underscore-dangle -- the channel below that of amqp-connection-manager has no other name
  await (app as unknown as RabbitServer).serverInstance.channel?._channel?.waitForConfirms();
}

export const connectTo = (wire: Wire): ClientProxy => ClientProxyFactory.create(wire.client());

/** Whatever is sent, what comes back is a reply as the protocol has it. */
export async function send(client: ClientProxy, message: unknown): Promise<CommandReply> {
  const reply = await firstValueFrom(client.send<CommandReply>(commandPattern(PARTICIPANT), message as object));
  const faults = faultsOfReply(reply);
  if (faults.length > 0) throw new Error(`${JSON.stringify(reply)} is no reply of the protocol: ${faults.join('; ')}`);
  return reply;
}

const ANSWER_MS = 1_000;

/** As a saga does: what got no reply, or got lost, is sent again. */
export async function sendUntilAnswered(client: ClientProxy, message: unknown): Promise<CommandReply> {
  let reply: CommandReply | undefined;
  await until(async () => {
    const replies = client.send<CommandReply>(commandPattern(PARTICIPANT), message as object).pipe(timeout(ANSWER_MS));
    reply = await firstValueFrom(replies).catch(() => undefined);
    return reply !== undefined;
  }, BROKER_MS);
  return reply as CommandReply;
}

export { createTestDatabase, type TestDatabase };

let sagas = 0;

/** The commands of one step of a saga of its own, whose id is the account that the handlers work on. */
export function newStep(outside: boolean = false) {
  const account = `saga-${++sagas}`;
  const base = {
    protocol: 1,
    messageId: 'm',
    saga: 'booking',
    sagaId: account,
    step: 'deposit',
    round: 1,
    attempt: 1,
    metadata: { tenant: 't-1' },
    payload: { account },
  } as const;
  const message = (fields: Pick<CommandMessage, 'direction' | 'command'> & Partial<CommandMessage>): CommandMessage => ({
    ...base,
    idempotencyKey: `${account}:${fields.direction}`,
    firstSentAt: Date.now(),
    ...(fields.direction === 'compensation' && { forwardIdempotencyKey: `${account}:forward`, forwardFirstSentAt: Date.now() }),
    ...fields,
  });
  return {
    account,
    action: (fields: Partial<CommandMessage> = {}) =>
      message({ direction: 'forward', command: outside ? 'ledger.charge-outside' : 'ledger.deposit', ...fields }),
    compensation: (fields: Partial<CommandMessage> = {}) =>
      message({ direction: 'compensation', command: outside ? 'ledger.refund-outside' : 'ledger.take-back', ...fields }),
  };
}

/** A promise to be settled by hand. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

/** Waits until `condition` holds: no fixed time, and an error when the patience is over. */
export async function until(condition: () => Promise<boolean>, patienceMs = 10_000): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`The condition did not come to hold within ${patienceMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether so many connections wait for a lock of another one. */
export async function waitingForLocks(database: DataSource, count: number): Promise<boolean> {
  const [row] = await database.query<[{ n: number }]>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return row.n >= count;
}
