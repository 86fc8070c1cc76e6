import type { Provider } from '@nestjs/common';
import { Transport } from '@nestjs/microservices';
import { Command, CommandHandler, CqrsModule } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { SagaCommand, SagaDefinition, SagaModule, type SagaModuleOptions, SagaStep } from 'nestjs-sagas';

import { PARTICIPANT_OPTIONS } from '../../libs/saga/src/participant/participant-options.js';
import { RecordingLogger } from '../support/recording-logger.js';

@SagaCommand({ name: 'payment.charge-card', participant: 'payment' })
class ChargeCard extends Command<void> {}

@SagaCommand({ name: 'shop.begin', participant: 'shop' })
class Begin extends Command<string> {
  readonly id = 'b-1';
}

@SagaDefinition({ name: 'charging', startedBy: Begin, key: ({ id }) => id })
class ChargingSaga {
  @SagaStep({ kind: 'pivot' })
  charge() {
    return new ChargeCard();
  }
}

@CommandHandler(ChargeCard)
class ChargeCardHandler {
  async execute() {}
}

class InheritingHandler extends ChargeCardHandler {}

/** What the boot warns of, apart from the memory. */
async function warnings(providers: readonly Provider[], options: SagaModuleOptions = {}): Promise<readonly string[]> {
  const logger = new RecordingLogger();
  const module = await Test.createTestingModule({
    imports: [CqrsModule.forRoot(), SagaModule.forRoot({ store: 'memory', ...options })],
    providers: [...providers],
  })
    .setLogger(logger)
    .compile();
  await module.init();
  await module.close();
  return logger.lines.filter(({ level, text }) => level === 'warn' && !text.startsWith('store:')).map(({ text }) => text);
}

describe('R12: commands that nobody takes', () => {
  it('are a warning each, at boot; one that starts a saga is taken', async () => {
    expect(await warnings([ChargingSaga])).toEqual([
      "ChargeCard is for participant 'payment', which forRoot({ participants }) does not list, and no handler here takes it. A step that returns it will fail.",
    ]);
  });

  it.each<[string, readonly Provider[], SagaModuleOptions]>([
    ['their participant is listed', [ChargingSaga], { participants: { payment: { transport: Transport.TCP } } }],
    ['a handler is here', [ChargingSaga, ChargeCardHandler], {}],
    ['a handler is here by its base', [ChargingSaga, InheritingHandler], {}],
    ['no saga is here that could return one', [], {}],
    ['this application is their participant, which has its own warning', [ChargingSaga, ownParticipant('payment')], {}],
  ])('are none where %s', async (_where, providers, options) => {
    expect(await warnings(providers, options)).toEqual([]);
  });
});

/** Stands for SagaParticipantModule, which needs a database. */
function ownParticipant(name: string): Provider {
  return { provide: PARTICIPANT_OPTIONS, useValue: { name } };
}
