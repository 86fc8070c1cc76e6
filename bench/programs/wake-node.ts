import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaClient, SagaContext, SagaDefinition, type SagaHandle, SagaModule, SagaStep } from 'nestjs-sagas';
import { DataSource } from 'typeorm';
import type { How, Waits, WakeRequest } from '../harness/wake-protocol.js';
import { answering } from './answering.js';

/** Of the machine's monotonic clock, which all processes share. */
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

@SagaDefinition({ name: 'wake' })
class WakeSaga {
  @SagaStep({ kind: 'readonly' })
  async call(_: SagaContext<{ readonly number: number }>): Promise<{ readonly atMs: number }> {
    return { atMs: nowMs() };
  }
}

let app: INestApplicationContext;

answering<WakeRequest>(async (request) => {
  switch (request.ask) {
    case 'open':
      return open(request.url, request.executes);
    case 'start':
      return startAndWait(request.how, request.sagas, request.idleMs);
    case 'close':
      return app.close();
  }
});

async function open(url: string, executes: boolean): Promise<void> {
  @Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url }),
      CqrsModule.forRoot(),
      SagaModule.forRoot({ worker: { enabled: executes } }),
    ],
    providers: [WakeSaga],
  })
  class WakeModule {}

  app = await NestFactory.createApplicationContext(WakeModule, { logger: ['error', 'fatal'] });
  await app.get(SagaClient).whenReady();
}

/** One after another, and idle between them: each finds the other process asleep. */
async function startAndWait(how: How, sagas: number, idleMs: number): Promise<Waits> {
  const waits = { called: new Array<number>(), known: new Array<number>() };
  for (let number = 0; number < sagas; number += 1) {
    await pause(idleMs);
    const saga = await start(how, number);
    const committedAt = nowMs();
    const { call } = await saga.result();
    waits.known.push(nowMs() - committedAt);
    waits.called.push(call.atMs - committedAt);
  }
  return waits;
}

function start(how: How, number: number): Promise<SagaHandle<WakeSaga>> {
  const client = app.get(SagaClient);
  if (how === 'start') return client.start(WakeSaga, { number });
  return app.get(DataSource).transaction(async (manager) => client.start(WakeSaga, { number }, { manager }));
}
