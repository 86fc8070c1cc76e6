import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaClient, SagaContext, SagaDefinition, SagaModule, SagaStep } from 'nestjs-sagas';
import type { TakeoverRequest } from '../harness/takeover-protocol.js';
import { answering } from './answering.js';

/** What a call to another service may take. */
const STEP_MS = 100;

let madeAgain = 0;

async function call({ attempt }: SagaContext<object>): Promise<{ readonly attempt: number }> {
  if (attempt > 1) madeAgain += 1;
  await pause(STEP_MS);
  return { attempt };
}

@SagaDefinition({ name: 'three-calls' })
class ThreeCallsSaga {
  @SagaStep({ kind: 'readonly' })
  async first(context: SagaContext<object>) {
    return call(context);
  }

  @SagaStep({ kind: 'readonly' })
  async second(context: SagaContext<object>) {
    return call(context);
  }

  @SagaStep({ kind: 'readonly' })
  async third(context: SagaContext<object>) {
    return call(context);
  }
}

let app: INestApplicationContext;

answering<TakeoverRequest>(async (request) => {
  switch (request.ask) {
    case 'open':
      return open(request.url);
    case 'fill':
      return fill(request.sagas);
    case 'count attempts made again':
      return madeAgain;
    case 'close':
      return app.close();
  }
});

async function open(url: string): Promise<void> {
  @Module({
    imports: [TypeOrmModule.forRoot({ type: 'postgres', url }), CqrsModule.forRoot(), SagaModule.forRoot()],
    providers: [ThreeCallsSaga],
  })
  class TakeoverModule {}

  app = await NestFactory.createApplicationContext(TakeoverModule, { logger: ['error', 'fatal'] });
  await app.get(SagaClient).whenReady();
}

/** They go on until this process is killed. */
async function fill(sagas: number): Promise<void> {
  const running = Array.from({ length: sagas }, async () => app.get(SagaClient).start(ThreeCallsSaga, {}));
  for (const saga of running) void keepRunning(await saga);
}

async function keepRunning(first: { result(): Promise<unknown> }): Promise<never> {
  for (let saga = first; ; saga = await app.get(SagaClient).start(ThreeCallsSaga, {})) await saga.result();
}
