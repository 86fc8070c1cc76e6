import { Command } from '@nestjs/cqrs';
import { Transport } from '@nestjs/microservices';
import {
  Compensate,
  CompensationContext,
  SagaCommand,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaStep,
  StepRejected,
} from 'nestjs-sagas';

import { faultsOfCommand } from '../../libs/saga/src/participant/protocol-schema.fixture.js';
import { inMemory } from '../support/in-memory.js';
import { describeStory, errorOf } from '../support/saga-app.js';
import { HandMadeParticipant } from './hand-made-participant.js';

@SagaCommand({ name: 'depot.reserve', participant: 'depot' })
class Reserve extends Command<{ readonly until: Date }> {
  constructor(
    readonly sku: string,
    readonly from: Date,
  ) {
    super();
  }
}

@SagaCommand({ name: 'depot.release', participant: 'depot' })
class Release extends Command<void> {
  constructor(readonly sku: string) {
    super();
  }
}

interface Order {
  readonly skus: readonly string[];
  readonly refused?: boolean;
}

@SagaDefinition<Order>({ name: 'order', retry: { attempts: 4 } })
class OrderSaga {
  @SagaStep({ each: ({ input }: SagaContext<Order>) => input.skus })
  reserve({ item }: SagaContext<Order, unknown, string>) {
    return new Reserve(item, new Date(0));
  }

  @Compensate('reserve')
  release({ item }: CompensationContext<Order, unknown, string>) {
    return new Release(item);
  }

  @SagaStep({ kind: 'readonly' })
  async ship({ input }: SagaContext<Order>) {
    if (input.refused) throw new StepRejected('NO_CARRIER');
  }
}

const UNTIL = '2026-12-01T00:00:00.000Z';

describeStory('a participant made by hand', inMemory, ({ boot }) => {
  let depot: HandMadeParticipant;
  const deeds: string[] = [];

  beforeEach(async () => {
    deeds.length = 0;
    depot = await HandMadeParticipant.start('depot');
    depot.handlers.set('depot.reserve', {
      external: false,
      run: ({ payload }) => {
        if (payload['sku'] === 'none') return { end: 'refused', error: { code: 'OUT_OF_STOCK', message: 'there is none' } };
        deeds.push(`reserve ${String(payload['sku'])}`);
        return { end: 'succeeded', result: { until: { $date: UNTIL } } };
      },
    });
    depot.handlers.set('depot.release', {
      external: false,
      run: ({ payload }) => {
        deeds.push(`release ${String(payload['sku'])}`);
        return { end: 'succeeded' };
      },
    });
  });
  afterEach(async () => depot.close());

  const start = async (order: Order, participant = depot) => {
    const participants = { depot: { transport: Transport.TCP as const, options: { host: '127.0.0.1', port: participant.port } } };
    const app = await boot({ sagas: [OrderSaga], options: { participants } });
    return app.sagas.start(OrderSaga, order, { metadata: { tenant: 'acme' } });
  };

  const attempts = () => depot.received.map(({ data }) => (data as { readonly attempt: number }).attempt);

  it('R24: does what a saga wants, whose commands are as the page says', async () => {
    const saga = await start({ skus: ['bike 🚲', 'bell'] });
    expect(await saga.result()).toEqual({ reserve: [{ until: new Date(UNTIL) }, { until: new Date(UNTIL) }] });
    expect(deeds.toSorted()).toEqual(['reserve bell', 'reserve bike 🚲']);
    for (const { pattern, id, data } of depot.received) {
      expect({ pattern, id }).toEqual({ pattern: 'nestjs-sagas.depot', id: expect.any(String) });
      expect(faultsOfCommand(data)).toEqual([]);
      expect(data).toMatchObject({ payload: { from: { $date: '1970-01-01T00:00:00.000Z' } }, metadata: { tenant: 'acme' } });
    }
  });

  it('R10, R25: undoes what a saga takes back, and nothing that it refused', async () => {
    const saga = await start({ skus: ['bike', 'none'] });
    expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({ step: 'reserve', code: 'OUT_OF_STOCK' });
    expect(deeds).toEqual(['reserve bike', 'release bike']);
  });

  it('R25, R26: whose answer is lost is asked again, and has done it once', async () => {
    depot.fate = ({ attempt }) => (attempt === 1 ? 'is lost' : 'arrives');
    const saga = await start({ skus: ['bike'], refused: true });
    await errorOf(saga.result(), SagaCompensatedError);
    expect(deeds).toEqual(['reserve bike', 'release bike']);
    expect(attempts()).toEqual([1, 2, 1, 2]);
  });

  it.each([
    ['no packet', '5#{"a":'],
    ['no length', 'hello#'],
  ])('R24, R32: whose answer is %s is asked again', async (_, instead) => {
    depot.fate = ({ attempt }) => (attempt === 1 ? { instead } : 'arrives');
    const saga = await start({ skus: ['bike'] });
    await saga.result();
    expect(deeds).toEqual(['reserve bike']);
    expect(attempts()).toEqual([1, 2]);
  });

  it('R9: that does not know the command yet is asked again, and does it once it does', async () => {
    const reserve = depot.handlers.get('depot.reserve')!;
    depot.handlers.delete('depot.reserve');
    depot.fate = ({ attempt }) => {
      if (attempt === 2) depot.handlers.set('depot.reserve', reserve);
      return 'arrives';
    };
    const saga = await start({ skus: ['bike'] });
    await saga.result();
    expect(attempts()).toEqual([1, 2, 3]);
  });

  it('R25: that answers later is asked again until it does', async () => {
    depot.handlers.set('depot.reserve', { external: false, run: () => ({ end: 'deferred' }) });
    depot.fate = (command) => {
      if (command.attempt === 1) depot.answerLater(command, { end: 'succeeded', result: 'tomorrow' });
      return 'arrives';
    };
    const saga = await start({ skus: ['bike'] });
    expect(await saga.result()).toEqual({ reserve: ['tomorrow'] });
    expect(attempts()).toEqual([1, 2]);
  });

  it('R9: of another name did nothing', async () => {
    const other = await HandMadeParticipant.start('post');
    const saga = await start({ skus: ['bike'] }, other);
    expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({ code: 'SAGA_NOT_A_PARTICIPANT' });
    expect((await saga.view()).steps[0]).toMatchObject({ status: 'failed' });
    await other.close();
  });
});
