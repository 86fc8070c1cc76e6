import 'reflect-metadata';
import type { Server } from 'node:net';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandHandler, CqrsModule, type ICommandHandler } from '@nestjs/cqrs';
import { MessagePattern, type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaParticipantModule, SagaTransaction } from 'nestjs-sagas';
import { DataSource } from 'typeorm';
import type { ParticipantRequest } from '../harness/remote-protocol.js';
import { answering } from './answering.js';
import { BARE, INSERT, ReserveStock } from './remote-command.js';

const POOL_SIZE = 20;

@CommandHandler(ReserveStock)
class ReserveStockHandler implements ICommandHandler<ReserveStock> {
  constructor(private readonly transaction: SagaTransaction) {}

  async execute({ orderId }: ReserveStock): Promise<{ readonly reserved: string }> {
    await this.transaction.manager.query(INSERT, [orderId]);
    return { reserved: orderId };
  }
}

/** The same without a fence: what any Nest service does. */
@Controller()
class BareController {
  constructor(private readonly dataSource: DataSource) {}

  @MessagePattern(BARE)
  async reserve({ orderId }: { readonly orderId: string }): Promise<{ readonly reserved: string }> {
    await this.dataSource.transaction(async (manager) => manager.query(INSERT, [orderId]));
    return { reserved: orderId };
  }
}

let app: INestMicroservice;

answering<ParticipantRequest>(async (request) => (request.ask === 'open' ? open(request.url) : app.close()));

async function open(url: string): Promise<number> {
  @Module({
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url, poolSize: POOL_SIZE }),
      CqrsModule.forRoot(),
      SagaParticipantModule.forRoot({ name: 'stock', migrations: 'run' }),
    ],
    controllers: [BareController],
    providers: [ReserveStockHandler],
  })
  class StockModule {}

  const options: MicroserviceOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } };
  app = await NestFactory.createMicroservice<MicroserviceOptions>(StockModule, { ...options, logger: ['error', 'fatal'] });
  await app.get(DataSource).query('create table reservation (id bigint generated always as identity primary key, order_id text not null)');
  await app.listen();
  return (app.unwrap<Server>().address() as { readonly port: number }).port;
}
