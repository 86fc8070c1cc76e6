import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { ClientProxyFactory, type ClientOptions, type ClientProxy, Transport } from '@nestjs/microservices';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaClient, SagaContext, SagaDefinition, SagaModule, SagaStep } from 'nestjs-sagas';
import { firstValueFrom } from 'rxjs';
import type { Deed, OrchestratorRequest, Remote } from '../harness/remote-protocol.js';
import { percentile } from '../report/spread.js';
import { answering } from './answering.js';
import { BARE, ReserveStock } from './remote-command.js';

type Context = SagaContext<{ readonly orderId: string }>;

@SagaDefinition({ name: 'one-step' })
class OneStepSaga {
  @SagaStep({ kind: 'readonly' })
  first({ input }: Context) {
    return new ReserveStock(input.orderId);
  }
}

@SagaDefinition({ name: 'four-steps' })
class FourStepsSaga {
  @SagaStep({ kind: 'readonly' })
  first({ input }: Context) {
    return new ReserveStock(input.orderId);
  }

  @SagaStep({ kind: 'readonly' })
  second({ input }: Context) {
    return new ReserveStock(input.orderId);
  }

  @SagaStep({ kind: 'readonly' })
  third({ input }: Context) {
    return new ReserveStock(input.orderId);
  }

  @SagaStep({ kind: 'readonly' })
  fourth({ input }: Context) {
    return new ReserveStock(input.orderId);
  }
}

let app: INestApplicationContext;
let bare: ClientProxy;

answering<OrchestratorRequest>(async (request) => {
  switch (request.ask) {
    case 'open':
      return open(request.url, request.port);
    case 'run':
      return run(request);
    case 'close':
      await bare.close();
      return app.close();
  }
});

async function open(url: string, port: number): Promise<void> {
  const stock: ClientOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port } };
  @Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url }),
      CqrsModule.forRoot(),
      SagaModule.forRoot({ participants: { stock }, worker: { concurrency: 1_000 } }),
    ],
    providers: [OneStepSaga, FourStepsSaga],
  })
  class OrchestratorModule {}

  app = await NestFactory.createApplicationContext(OrchestratorModule, { logger: ['error', 'fatal'] });
  await app.get(SagaClient).whenReady();
  bare = ClientProxyFactory.create(stock);
}

async function run({ deed, flight, count }: OrchestratorRequest & { ask: 'run' }): Promise<Remote> {
  const took: number[] = [];
  let begun = 0;
  const oneAfterAnother = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const from = performance.now();
      await perform(deed, randomUUID());
      took.push(performance.now() - from);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: flight }, oneAfterAnother));
  const seconds = (performance.now() - from) / 1_000;
  const sorted = took.toSorted((left, right) => left - right);
  return { perSecond: count / seconds, p50Ms: percentile(sorted, 0.5) };
}

async function perform(deed: Deed, orderId: string): Promise<unknown> {
  if (deed === 'request') return firstValueFrom(bare.send<unknown>(BARE, { orderId }));
  const client = app.get(SagaClient);
  const saga = deed === 'one step' ? await client.start(OneStepSaga, { orderId }) : await client.start(FourStepsSaga, { orderId });
  return saga.result();
}
