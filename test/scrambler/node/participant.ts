import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaParticipantModule } from 'nestjs-sagas';

import { serveTest } from '../../support/serve-test.js';
import { wireAt } from '../../support/transports.js';
import { STOCK } from '../shop/commands.js';
import { STOCK_PROVIDERS } from '../shop/stock.js';
import { tillProviders } from '../shop/till.js';
import type { Of } from './settings.js';

export async function run({ name, databaseUrl, wire, gateway }: Of<'participant'>): Promise<void> {
  @Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url: databaseUrl, retryAttempts: 0, poolErrorHandler: () => undefined }),
      CqrsModule.forRoot(),
      SagaParticipantModule.forRoot({ name }),
    ],
    providers: [...(name === STOCK ? STOCK_PROVIDERS : tillProviders(gateway))],
  })
  class ShopModule {}

  const app = await NestFactory.createMicroservice<MicroserviceOptions>(ShopModule, { ...wireAt(wire).service, logger: ['error'] });
  app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
  await app.listen();
  serveTest(async () => undefined);
}
