import 'reflect-metadata';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaClient, SagaCompensatedError, SagaModule, type SagaModuleOptions, type SagaView } from 'nestjs-sagas';
import type { Endings } from '../harness/protocol.js';
import type { Kind, Order } from '../workload/order.js';
import { OrderSaga } from './order-saga.js';
import type { Program } from './program.js';

/** Of the application's own data source. */
const POOL_SIZE = 10;

/** A Nest application as a user writes it: TypeORM's data source, the client of the library. */
export class OrderApplication implements Program {
  private app: INestApplicationContext;
  private client: SagaClient;

  /** @param options what is not the library's default */
  constructor(private readonly options: SagaModuleOptions = {}) {}

  async open(url: string): Promise<void> {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, poolSize: POOL_SIZE }),
        CqrsModule.forRoot(),
        SagaModule.forRoot({ worker: { concurrency: 1_000 }, ...this.options }),
      ],
      providers: [OrderSaga],
    })
    class OrderModule {}

    this.app = await NestFactory.createApplicationContext(OrderModule, { logger: ['error', 'fatal'] });
    this.client = this.app.get(SagaClient);
    await this.client.whenReady();
  }

  async run(order: Order): Promise<Kind> {
    const saga = await this.client.start(OrderSaga, order, this.startOptions(order));
    try {
      await saga.result();
      return 'happy';
    } catch (error) {
      if (error instanceof SagaCompensatedError) return 'compensate';
      throw error;
    }
  }

  async endings(): Promise<Endings> {
    const endings = { completed: 0, compensated: 0, other: 0 };
    for (let cursor: string | undefined; ;) {
      const { items, next } = await this.client.find({ limit: 500, ...(cursor !== undefined && { cursor }) });
      for (const saga of items) endings[endOf(saga)] += 1;
      if (next === undefined) return endings;
      cursor = next;
    }
  }

  async close(): Promise<void> {
    await this.app.close();
  }

  /** As in every program, a saga has no key. */
  protected startOptions(_: Order): { readonly key?: string } {
    return {};
  }
}

function endOf({ status, steps }: SagaView): keyof Endings {
  const [reserve, charge, book] = steps;
  const isUndone = (step: SagaView['steps'][number] | undefined): boolean => step?.compensation?.status === 'compensated';
  if (status === 'completed' && steps.every((step) => step.status === 'succeeded')) return 'completed';
  if (status === 'compensated' && isUndone(reserve) && isUndone(charge) && book?.status === 'failed') return 'compensated';
  return 'other';
}
