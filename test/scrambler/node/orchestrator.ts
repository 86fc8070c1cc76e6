import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaClient, SagaModule } from 'nestjs-sagas';

import { serveTest, tellTest } from '../../support/serve-test.js';
import { wireAt } from '../../support/transports.js';
import { type Happening, scramble } from '../scrambling-client.js';
import { HastyOrderSaga, type Order, OrderSaga } from '../shop/order-sagas.js';
import type { News, Of } from './settings.js';

const TELL_MS = 100;

export async function run({ databaseUrl, wires, seed }: Of<'orchestrator'>): Promise<void> {
  let happened: Partial<Record<Happening, number>> = {};
  const count = (happening: Happening): void => void (happened[happening] = (happened[happening] ?? 0) + 1);
  setInterval(() => {
    tell({ happened });
    happened = {};
  }, TELL_MS);

  const participants = Object.fromEntries(
    Object.entries(wires).map(([participant, wire]) => [
      participant,
      scramble(wireAt(wire).client(), { seed, count, keep: (kept) => tell({ kept: { ...kept, participant } }) }),
    ]),
  );

  @Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url: databaseUrl, poolSize: 4, retryAttempts: 0, poolErrorHandler: () => undefined }),
      CqrsModule.forRoot(),
      // What strikes is no fault of the step that it strikes. What it strikes twice runs alone on its node: so few are struck at once. [R21]
      SagaModule.forRoot({ participants, crashLimit: 1_000, worker: { lease: '2s', concurrency: 30 } }),
    ],
    providers: [OrderSaga, HastyOrderSaga],
  })
  class OrchestratorModule {}

  const app = await NestFactory.createApplicationContext(OrchestratorModule, { logger: ['error'] });
  app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
  const sagas = app.get(SagaClient, { strict: false });
  await sagas.whenReady();
  serveTest<Order>(async (order) => {
    const { id } = await sagas.start<OrderSaga | HastyOrderSaga>(order.hasty ? HastyOrderSaga : OrderSaga, order, { key: order.order });
    return id;
  });
}

function tell(news: News): void {
  tellTest(news);
}
