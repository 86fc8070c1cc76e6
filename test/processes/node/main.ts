import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaClient, SagaModule } from 'nestjs-sagas';
import { DataSource, type EntityManager } from 'typeorm';

import { readSettings, serveTest } from '../../support/serve-test.js';
import { AccountSaga } from './account.saga.js';
import { CruiseSaga } from './cruise.saga.js';
import { DELIVERIES } from './delivery.sagas.js';
import { JourneySaga } from './journey.saga.js';
import { Scene } from './scene.js';
import type { NodeSettings, StartRequest } from './settings.js';

const settings = readSettings<NodeSettings>();
const deliveries = DELIVERIES[settings.release ?? 'first'];

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: settings.databaseUrl,
      poolSize: 4,
      retryAttempts: 0,
      poolErrorHandler: () => undefined,
    }),
    CqrsModule.forRoot(),
    SagaModule.forRoot(settings.options),
  ],
  providers: [{ provide: Scene, useValue: new Scene(settings) }, JourneySaga, AccountSaga, CruiseSaga, ...deliveries],
})
class NodeModule {}

const app = await NestFactory.createApplicationContext(NodeModule);
app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
await app.get(SagaClient, { strict: false }).whenReady();

serveTest(start);

async function start(request: StartRequest): Promise<string> {
  const { commitsAt } = request;
  if (commitsAt === undefined) return record(request);
  return app.get(DataSource).transaction(async (manager) => {
    const sagaId = await record(request, manager);
    const scene = app.get(Scene);
    await scene.note('recorded', 'start', { sagaId, attempt: 1 });
    await scene.passGate(commitsAt);
    return sagaId;
  });
}

async function record({ saga, plan, key }: StartRequest, manager?: EntityManager): Promise<string> {
  const sagas = app.get(SagaClient, { strict: false });
  const options = { ...(key !== undefined && { key }), ...(manager && { manager }) };
  const classes = { journey: JourneySaga, account: AccountSaga, cruise: CruiseSaga, delivery: deliveries.at(-1) as Type<object> };
  const { id } = await sagas.start<object>(classes[saga], plan, options);
  return id;
}
