import { ClientProxyFactory } from '@nestjs/microservices';
import { Command } from '@nestjs/cqrs';
import { Compensate, SagaCommand, SagaContext, SagaDefinition, type SagaHandle, SagaStep, StepRejected } from 'nestjs-sagas';

import type { CommandReply } from '../../libs/saga/src/participant/protocol.js';
import { type Command as Received, type Handler, HandMadeFence } from '../protocol/hand-made-fence.js';
import { eventually } from '../support/eventually.js';
import { ScriptedParticipant } from '../support/scripted-participant.js';
import type { CrashScenario } from './crash-points.js';
import { Doing, madeOf } from './doing.js';
import type { CommandRoutes } from '../../libs/saga/src/execution/command-dispatcher.js';

/** What is known later. */
type Answer = Parameters<HandMadeFence['answerLater']>[1];

/** A participant that has the answer to a transfer once it was asked for it. It dies with none of the nodes. */
export class SlowBank {
  /** What its handlers were called for, by saga. */
  readonly called = new Map<string, string[]>();
  private readonly fence = new HandMadeFence();
  private readonly transfers = new Map<string, Received>();
  private readonly participant = new ScriptedParticipant();
  readonly routes: CommandRoutes;

  /** @param answers what it answers later; left out: nothing, unless it is told to */
  constructor(private readonly answers?: Answer) {
    this.participant.answers = ({ message, reply }) => reply(this.handle(message as Received));
    this.routes = { participants: new Map([['bank', ClientProxyFactory.create(this.participant.client)]]), commandBus: undefined };
  }

  /** The first answer counts. */
  answer({ id }: Pick<SagaHandle, 'id'>, answer: Answer): void {
    const transfer = this.transfers.get(id);
    if (transfer !== undefined) this.fence.answerLater(transfer, answer);
  }

  private handle(command: Received): CommandReply {
    const reply = this.fence.handle(command, { external: false, run: (called) => this.call(called) }, Date.now());
    if (this.answers !== undefined) this.answer({ id: command.sagaId }, this.answers);
    return reply as CommandReply;
  }

  private call(command: Received): ReturnType<Handler['run']> {
    const { sagaId, direction } = command;
    this.called.set(sagaId, [...(this.called.get(sagaId) ?? []), command.command]);
    if (direction === 'compensation') return { end: 'succeeded' };
    this.transfers.set(sagaId, command);
    return { end: 'deferred' };
  }
}

@SagaCommand({ name: 'transfer', participant: 'bank' })
class Transfer extends Command<string> {}

@SagaCommand({ name: 'take back', participant: 'bank' })
class TakeBack extends Command<void> {}

interface Sale {
  readonly refused?: boolean;
}

@SagaDefinition<Sale>({ name: 'sale' })
class SaleSaga extends Doing {
  @SagaStep()
  async reserve(context: SagaContext<Sale>) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext<Sale>) {
    await this.do(context);
  }

  @SagaStep()
  transfer() {
    return new Transfer();
  }
  @Compensate('transfer')
  takeBack() {
    return new TakeBack();
  }

  @SagaStep({ kind: 'readonly' })
  async check({ input, results }: SagaContext<Sale, SaleSaga>) {
    if (input.refused) throw new StepRejected(`NOT_${results.transfer}`);
  }
}

/** It waits no longer than this for the bank. */
@SagaDefinition<Sale>({ name: 'hasty-sale' })
class HastySaleSaga extends Doing {
  @SagaStep({ timeout: 1_200 })
  transfer() {
    return new Transfer();
  }
  @Compensate('transfer')
  takeBack() {
    return new TakeBack();
  }

  @SagaStep({ kind: 'readonly' })
  async check() {}
}

/** It waits for the bank, or has ended. */
async function waits(saga: SagaHandle): Promise<void> {
  await eventually(
    async () => saga.view(),
    ({ status, waitingFor }) => waitingFor?.kind === 'reply' || status === 'completed' || status === 'compensated',
  );
}

interface SlowScenario {
  readonly title: string;
  /** What the bank is called for. */
  readonly called: readonly string[];
  /** Of the saga, and of its transfer. */
  readonly ends: readonly [status: string, transfer: object | string];
  readonly make: () => { readonly bank: SlowBank; readonly scenario: CrashScenario };
}

const sale = (bank: SlowBank, rest: Partial<CrashScenario> = {}): ReturnType<SlowScenario['make']> => ({
  bank,
  scenario: { title: 'a sale', ...madeOf(SaleSaga), surroundings: { routes: bank.routes }, ...rest },
});

const DONE: Answer = { end: 'succeeded', result: 'RECEIVED' };
const REFUSED: Answer = { end: 'refused', error: { code: 'NO_COVER', message: 'there is nothing on it' } };

const changesHisMind = (bank: SlowBank) => async (saga: SagaHandle) => {
  await waits(saga);
  await saga.cancel('changed my mind');
  bank.answer(saga, DONE);
};

/** No clock has to move for it. */
export function unwoundMeanwhile(): ReturnType<SlowScenario['make']> {
  const bank = new SlowBank();
  return sale(bank, { meanwhile: changesHisMind(bank) });
}

const UNDONE = ['compensated', 'nothing is left'] as const;

/** A step whose participant answers later, and what may become of it. */
export const slowScenarios: readonly SlowScenario[] = [
  {
    title: 'it is completed later',
    called: ['transfer'],
    ends: ['completed', { status: 'succeeded', result: 'RECEIVED' }],
    make: () => sale(new SlowBank(DONE)),
  },
  { title: 'it is rejected later', called: ['transfer'], ends: UNDONE, make: () => sale(new SlowBank(REFUSED)) },
  {
    title: 'it is completed later, and undone',
    called: ['transfer', 'take back'],
    ends: UNDONE,
    make: () => sale(new SlowBank(DONE), { input: { refused: true } }),
  },
  {
    title: 'its saga unwinds while it waits, and the answer comes after that',
    called: ['transfer', 'take back'],
    ends: UNDONE,
    make: unwoundMeanwhile,
  },
  {
    title: 'it is not answered within its timeout',
    called: ['transfer', 'take back'],
    ends: UNDONE,
    make: () => sale(new SlowBank(), madeOf(HastySaleSaga)),
  },
];
