import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaClient, SagaContext, SagaDefinition, SagaModule, SagaStep } from 'nestjs-sagas';
import { DataSource, type EntityManager } from 'typeorm';
import type { Commits, Deed, StartsRequest } from '../harness/starts-protocol.js';
import { percentile } from '../report/spread.js';
import { answering } from './answering.js';

@SagaDefinition({ name: 'order' })
class OrderSaga {
  @SagaStep({ kind: 'readonly' })
  async confirm(_: SagaContext<{ readonly orderId: string }>): Promise<void> {}
}

let app: INestApplicationContext;

answering<StartsRequest>(async (request) => {
  switch (request.ask) {
    case 'open':
      return open(request.url, request.callers);
    case 'run':
      return run(request);
    case 'close':
      return app.close();
  }
});

/** A connection for each caller, so that none waits for another's. Nothing is executed: only starts are measured. */
async function open(url: string, callers: number): Promise<void> {
  @Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url, poolSize: callers }),
      CqrsModule.forRoot(),
      SagaModule.forRoot({ worker: { enabled: false } }),
    ],
    providers: [OrderSaga],
  })
  class CallerModule {}

  app = await NestFactory.createApplicationContext(CallerModule, { logger: ['error', 'fatal'] });
  await app.get(SagaClient).whenReady();
  await app.get(DataSource).query('create table placed_order (id uuid primary key, placed_at timestamptz not null default now())');
}

async function run({ deed, callers, transactions }: StartsRequest & { ask: 'run' }): Promise<Commits> {
  const took: number[] = [];
  let begun = 0;
  const oneAfterAnother = async (): Promise<void> => {
    while (begun < transactions) {
      begun += 1;
      const from = performance.now();
      await placeOrder(deed);
      took.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: callers }, oneAfterAnother));
  const seconds = (performance.now() - from) / 1_000;
  const sorted = took.toSorted((left, right) => left - right);
  return { perSecond: transactions / seconds, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

async function placeOrder(deed: Deed): Promise<void> {
  const orderId = randomUUID();
  await app.get(DataSource).transaction(async (manager) => {
    await manager.query('insert into placed_order (id) values ($1)', [orderId]);
    if (deed === 'start' || deed === 'start and notify') await app.get(SagaClient).start(OrderSaga, { orderId }, { manager });
    if (deed === 'notify' || deed === 'start and notify') await notify(manager, orderId);
  });
}

/** What the library leaves until after the commit: PostgreSQL lets only one transaction at a time commit with a notification. */
async function notify(manager: EntityManager, orderId: string): Promise<void> {
  await manager.query("select pg_notify('placed_order', $1)", [orderId]);
}
