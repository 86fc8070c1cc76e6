import 'reflect-metadata';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  Compensate,
  CompensationContext,
  SagaClient,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaModule,
  SagaStep,
  type SagaView,
  StepRejected,
} from 'nestjs-sagas';
import type { Endings } from '../harness/protocol.js';
import type { Kind, Order } from '../workload/order.js';
import {
  bookShipment,
  chargeCard,
  refundCard,
  REFUSAL,
  releaseStock,
  reserveStock,
  type Charge,
  type Reservation,
  type Shipment,
} from '../workload/steps.js';
import { drive } from './drive.js';
import type { Program } from './program.js';

/** Of the application's own data source. */
const POOL_SIZE = 10;

type Context = SagaContext<Order>;
type Undo = CompensationContext<Order>;

@SagaDefinition({ name: 'order' })
class OrderSaga {
  @SagaStep()
  async reserveStock({ input }: Context): Promise<Reservation> {
    return reserveStock(input);
  }

  @Compensate('reserveStock')
  async releaseStock(_: Undo, reservation?: Reservation): Promise<void> {
    if (reservation) await releaseStock(reservation);
  }

  @SagaStep()
  async chargeCard({ input }: Context): Promise<Charge> {
    return chargeCard(input);
  }

  @Compensate('chargeCard')
  async refundCard(_: Undo, charge?: Charge): Promise<void> {
    if (charge) await refundCard(charge);
  }

  @SagaStep({ kind: 'readonly' })
  async bookShipment({ input }: Context): Promise<Shipment> {
    const shipment = await bookShipment(input);
    if (!shipment) throw new StepRejected('OUT_OF_REACH', REFUSAL);
    return shipment;
  }
}

/** A Nest application as a user writes it: defaults, TypeORM's data source, the client of the library. */
class Ours implements Program {
  private app: INestApplicationContext;
  private client: SagaClient;

  async open(url: string): Promise<void> {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, poolSize: POOL_SIZE }),
        CqrsModule.forRoot(),
        SagaModule.forRoot({ worker: { concurrency: 1_000 } }),
      ],
      providers: [OrderSaga],
    })
    class OrderModule {}

    this.app = await NestFactory.createApplicationContext(OrderModule, { logger: ['error', 'fatal'] });
    this.client = this.app.get(SagaClient);
    await this.client.whenReady();
  }

  async run(order: Order): Promise<Kind> {
    const saga = await this.client.start(OrderSaga, order);
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
}

function endOf({ status, steps }: SagaView): keyof Endings {
  const [reserve, charge, book] = steps;
  const isUndone = (step: SagaView['steps'][number] | undefined): boolean => step?.compensation?.status === 'compensated';
  if (status === 'completed' && steps.every((step) => step.status === 'succeeded')) return 'completed';
  if (status === 'compensated' && isUndone(reserve) && isUndone(charge) && book?.status === 'failed') return 'compensated';
  return 'other';
}

drive(new Ours());
