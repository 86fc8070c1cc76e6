import { Injectable } from '@nestjs/common';
import { ClientProxyFactory } from '@nestjs/microservices';
import { Command, CommandBus, CommandHandler, CqrsModule, EventBus, type ICommandHandler } from '@nestjs/cqrs';
import { Test, type TestingModule } from '@nestjs/testing';
import { Compensate, SagaCommand, SagaCommandContext, SagaContext, SagaDefinition, SagaLifecycleEvent, SagaStep } from 'nestjs-sagas';

import { lifecyclePublisher } from '../../libs/saga/src/observability/lifecycle-publisher.js';
import { sagaLogger } from '../../libs/saga/src/observability/saga-logger.js';
import { tellAll } from '../../libs/saga/src/observability/tell-all.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { ScriptedParticipant } from '../support/scripted-participant.js';
import type { CrashPlace, CrashScenario } from './crash-points.js';
import type { Deeds } from './deeds.js';
import { expectSameEndingAtEachCrashPoint } from './expect-crash-points.js';

const METADATA = { tenant: 'acme', correlationId: 'c-1', user: 'ann' };

/** What came with which metadata. */
class Seen {
  readonly metadata = new Map<string, unknown[]>();

  add(where: string, metadata: unknown): void {
    this.metadata.set(where, [...(this.metadata.get(where) ?? []), metadata]);
  }
}

class Wrap extends Command<void> {}
class Unwrap extends Command<void> {}

@Injectable()
abstract class Packing {
  constructor(
    private readonly context: SagaCommandContext,
    private readonly seen: Seen,
  ) {}

  async execute(command: Command<void>): Promise<void> {
    this.seen.add(command.constructor.name, this.context.metadata);
  }
}

@CommandHandler(Wrap)
class WrapHandler extends Packing implements ICommandHandler<Wrap> {}
@CommandHandler(Unwrap)
class UnwrapHandler extends Packing implements ICommandHandler<Unwrap> {}

@SagaCommand({ name: 'carrier.carry', participant: 'carrier' })
class Carry extends Command<void> {}
@SagaCommand({ name: 'carrier.fetch-back', participant: 'carrier' })
class FetchBack extends Command<void> {}

@SagaDefinition({ name: 'parcel', retry: { attempts: 2 } })
class ParcelSaga {
  constructor(
    private readonly deeds: Deeds,
    private readonly seen: Seen,
  ) {}

  @SagaStep()
  async label(context: SagaContext) {
    this.seen.add('step', context.metadata);
    await this.deeds.do(context);
  }
  @Compensate('label')
  async tearOff(context: SagaContext) {
    this.seen.add('compensation', context.metadata);
    await this.deeds.do(context);
  }

  @SagaStep()
  wrap() {
    return new Wrap();
  }
  @Compensate('wrap')
  unwrap() {
    return new Unwrap();
  }

  @SagaStep()
  carry() {
    return new Carry();
  }
  @Compensate('carry')
  fetchBack() {
    return new FetchBack();
  }

  @SagaStep({ kind: 'readonly' })
  async deliver(): Promise<void> {
    throw new Error('nobody opens');
  }
}

const EVERYWHERE = [
  'step',
  'compensation',
  'Wrap',
  'Unwrap',
  'carrier.carry',
  'carrier.fetch-back',
  'SagaStartedEvent',
  'SagaCompensatingEvent',
  'SagaCompensatedEvent',
  'log line',
];

/** What the saga was started with is on all that comes of it, whichever node does it, wherever the one before died. */
export async function expectMetadataEverywhere(placeOf: () => CrashPlace): Promise<void> {
  const seen = new Seen();
  const logger = new RecordingLogger();
  const office = await openOffice(seen);
  const scenario: CrashScenario = {
    title: 'a parcel that cannot be delivered',
    saga: ParcelSaga,
    make: (deeds) => new ParcelSaga(deeds, seen),
    metadata: METADATA,
    surroundings: {
      routes: { participants: new Map([['carrier', carrierSeeing(seen)]]), commandBus: office.get(CommandBus) },
      observe: tellAll(
        sagaLogger(logger),
        lifecyclePublisher(() => office.get(EventBus)),
      ),
    },
  };
  await expectSameEndingAtEachCrashPoint(scenario, placeOf);
  await office.close();
  // A node that dies says of itself that it cannot take up sagas, and of none in particular.
  for (const { fields } of logger.lines) if ('sagaId' in fields) seen.add('log line', fields['metadata']);
  expect([...seen.metadata.keys()].toSorted()).toEqual(EVERYWHERE.toSorted());
  for (const [where, all] of seen.metadata) for (const metadata of all) expect({ where, metadata }).toEqual({ where, metadata: METADATA });
}

async function openOffice(seen: Seen): Promise<TestingModule> {
  const providers = [SagaCommandContext, { provide: Seen, useValue: seen }, WrapHandler, UnwrapHandler];
  const office = await Test.createTestingModule({ imports: [CqrsModule.forRoot()], providers }).compile();
  await office.init();
  office.get(EventBus).subscribe((event) => {
    if (event instanceof SagaLifecycleEvent) seen.add(event.constructor.name, event.metadata);
  });
  return office;
}

function carrierSeeing(seen: Seen) {
  const carrier = new ScriptedParticipant();
  carrier.answers = ({ message, reply }) => {
    seen.add(message.command, message.metadata);
    reply({ kind: 'succeeded' });
  };
  return ClientProxyFactory.create(carrier.client);
}
