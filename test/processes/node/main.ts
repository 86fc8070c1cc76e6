import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaClient, SagaModule } from 'nestjs-sagas';
import { DataSource, type EntityManager } from 'typeorm';

import { AccountSaga } from './account.saga.js';
import { CruiseSaga } from './cruise.saga.js';
import { DELIVERIES } from './delivery.sagas.js';
import { JourneySaga } from './journey.saga.js';
import { Scene } from './scene.js';
import type { Ask, NodeSettings, StartRequest, Tell } from './settings.js';

const settings = JSON.parse(process.env['NODE_SETTINGS'] ?? '') as NodeSettings;
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

// No node outlives its test.
process.on('disconnect', () => process.exit(1));
process.on('message', (ask: Ask) => {
  start(ask.start).then(
    (sagaId) => tell({ kind: 'started', number: ask.number, sagaId }),
    (error: unknown) => tell({ kind: 'failed', number: ask.number, message: String(error) }),
  );
});
tell({ kind: 'ready' });

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

function tell(message: Tell): void {
  process.send?.(message);
}
