import type { Type } from '@nestjs/common';
import { AwaitEvent, AwaitSignal, child, Compensate, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import type { Deeds } from './deeds.js';

/** All that a step does it does by `deeds`, which say how it ends. */
abstract class Doing {
  constructor(protected readonly deeds: Deeds) {}

  protected async do(context: SagaContext): Promise<void> {
    await this.deeds.do(context);
  }
}

/** Steps one after another, with a point of no return. */
@SagaDefinition({ name: 'sale' })
class Sale extends Doing {
  @SagaStep({ timeout: '2s' })
  async reserve(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ kind: 'pivot', timeout: '2s' })
  async charge(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ kind: 'retriable', timeout: '2s' })
  async mail(context: SagaContext) {
    return this.do(context);
  }
}

/** Branches side by side, with a deadline. */
@SagaDefinition({ name: 'trip', timeout: '40s' })
class Trip extends Doing {
  @SagaStep({ timeout: '2s', after: [] })
  async flight(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('flight')
  async cancelFlight(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ timeout: '2s', after: [] })
  async hotel(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('hotel', { timeout: '2s' })
  async cancelHotel(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ after: ['flight', 'hotel'] })
  async pay(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('pay')
  async refund(context: SagaContext) {
    return this.do(context);
  }
}

/** Items side by side, two at a time. */
@SagaDefinition({ name: 'basket' })
class Basket extends Doing {
  @SagaStep({ each: () => ['apple', 'pear', 'plum'], concurrency: 2, timeout: '2s' })
  async reserve(context: SagaContext<object, Basket, string>) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ idempotent: false })
  async charge(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('charge')
  async refund(context: SagaContext) {
    return this.do(context);
  }
}

interface Keyed {
  readonly key: string;
}

export class Paid {
  declare readonly key: string;
}

/** Waits for a person, and for money. */
@SagaDefinition({ name: 'loan', key: ({ key }: Keyed) => key })
class Loan extends Doing {
  @SagaStep()
  async check(context: SagaContext<Keyed>) {
    return this.do(context);
  }
  @Compensate('check')
  async forget(context: SagaContext) {
    return this.do(context);
  }

  @AwaitSignal('approve', { timeout: '30s', onTimeout: 'continue' })
  async approval(context: SagaContext<Keyed>) {
    return this.do(context);
  }

  @AwaitEvent(Paid, { key: ({ key }: Paid) => key })
  async payment(context: SagaContext<Keyed>) {
    return this.do(context);
  }

  @AwaitSignal('close', { timeout: '20s' })
  async closing(context: SagaContext<Keyed>) {
    return this.do(context);
  }
}

/** Time passes between its steps. */
@SagaDefinition({ name: 'reminder' })
export class Reminder extends Doing {
  @SagaStep({ timeout: '2s' })
  async invoice(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('invoice')
  async credit(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ delay: '15s', timeout: '2s' })
  async remind(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('remind')
  async apologise(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ delay: '1s', retry: { attempts: 2, delay: '3s' } })
  async collect(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('collect')
  async payBack(context: SagaContext) {
    return this.do(context);
  }
}

/** A saga as a step of another. */
@SagaDefinition({ name: 'order' })
export class Order extends Doing {
  @SagaStep()
  async accept(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('accept')
  async decline(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ kind: 'child', timeout: '25s' })
  ship() {
    return child(Trip, {});
  }

  @SagaStep({ kind: 'child', each: () => ['left', 'right'], concurrency: 1 })
  wrap(_: SagaContext<object, Order, string>) {
    return child(Basket, {});
  }

  @SagaStep({ kind: 'readonly' })
  async thank(context: SagaContext) {
    return this.do(context);
  }
}

type SagaType = Type<object> & (new (deeds: Deeds) => object);

export const SAGAS: readonly SagaType[] = [Sale, Trip, Basket, Loan, Reminder, Order];
