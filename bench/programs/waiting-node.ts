import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AwaitSignal, SagaClient, SagaContext, SagaDefinition, SagaModule, SagaStep } from 'nestjs-sagas';
import type { Memory, WaitingRequest, WaitingSaga } from '../harness/waiting-protocol.js';
import { newOrder, type Order } from '../workload/order.js';
import { reserveStock, type Reservation } from '../workload/steps.js';
import { answering } from './answering.js';
import { OrderSaga } from './order-saga.js';

type Context = SagaContext<Order>;

@SagaDefinition({ name: 'approval' })
class ApprovalSaga {
  @SagaStep({ kind: 'readonly' })
  async reserve({ input }: Context): Promise<Reservation> {
    return reserveStock(input);
  }

  @AwaitSignal('approved', { kind: 'readonly' })
  approve(_: Context, by: string): string {
    return by;
  }
}

@SagaDefinition({ name: 'reminder' })
class ReminderSaga {
  @SagaStep({ kind: 'readonly' })
  async reserve({ input }: Context): Promise<Reservation> {
    return reserveStock(input);
  }

  @SagaStep({ kind: 'readonly', delay: '7d' })
  async remind(_: Context): Promise<void> {}
}

const START: Readonly<Record<WaitingSaga, (client: SagaClient, order: Order) => Promise<unknown>>> = {
  order: (client, order) => client.start(OrderSaga, order),
  approval: (client, order) => client.start(ApprovalSaga, order),
  reminder: (client, order) => client.start(ReminderSaga, order),
};

/** Starts at once: enough to keep the writer's groups full. */
const FLIGHT = 200;

let app: INestApplicationContext;

answering<WaitingRequest>(async (request) => {
  switch (request.ask) {
    case 'open':
      return open(request.url);
    case 'begin':
      return begin(request);
    case 'memory':
      return memory();
    case 'close':
      return app.close();
  }
});

async function open(url: string): Promise<void> {
  @Module({
    imports: [TypeOrmModule.forRoot({ type: 'postgres', url }), CqrsModule.forRoot(), SagaModule.forRoot()],
    providers: [OrderSaga, ApprovalSaga, ReminderSaga],
  })
  class WaitingModule {}

  app = await NestFactory.createApplicationContext(WaitingModule, { logger: ['error', 'fatal'] });
  await app.get(SagaClient).whenReady();
}

async function begin({ saga, sagas }: WaitingRequest & { ask: 'begin' }): Promise<void> {
  const client = app.get(SagaClient);
  let started = 0;
  const oneAfterAnother = async (): Promise<void> => {
    while (started < sagas) {
      started += 1;
      await START[saga](client, newOrder('happy'));
    }
  };
  await Promise.all(Array.from({ length: FLIGHT }, oneAfterAnother));
}

/** What is garbage is collected first: what is left is held. */
function memory(): Memory {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { rssMb: rss / 2 ** 20, heapMb: heapUsed / 2 ** 20 };
}
