import { child, type ChildSaga, Compensate, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { aborted } from '../support/world.js';
import type { CrashScenario } from './crash-points.js';
import { Doing, madeOf, scenario } from './doing.js';
import type { Ending } from './ending.js';

type Kind = 'plain' | 'fragile' | 'unwanted';

interface Parcel {
  readonly is: Kind;
  readonly orderId: string;
}

@SagaDefinition({ name: 'crash-parcel' })
class ShipParcel extends Doing {
  @SagaStep()
  async book(context: SagaContext<Parcel>) {
    return this.do(context);
  }
  @Compensate('book')
  async unbook(context: SagaContext<Parcel>) {
    await this.do(context);
  }

  @SagaStep()
  async load(context: SagaContext<Parcel>) {
    const { is, orderId } = context.input;
    const done = await this.do(context);
    if (is !== 'unwanted') return done;
    await this.sagas.get(orderId).cancel('changed my mind');
    // Until its parent's recall arrives.
    await aborted(context.signal);
    return done;
  }
  @Compensate('load')
  async unload(context: SagaContext<Parcel>) {
    await this.do(context);
  }

  @SagaStep({ kind: 'readonly' })
  async inspect({ input }: SagaContext<Parcel>) {
    if (input.is === 'fragile') throw new StepRejected('FRAGILE');
  }
}

interface Order {
  readonly parcels: readonly Kind[];
  readonly refused?: boolean;
}

@SagaDefinition({ name: 'crash-order' })
class OrderParcels extends Doing {
  @SagaStep()
  async reserve(context: SagaContext<Order>) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext<Order>) {
    await this.do(context);
  }

  @SagaStep({ kind: 'child', each: ({ input }: SagaContext<Order>) => input.parcels, concurrency: 2 })
  ship({ item, sagaId }: SagaContext<Order, OrderParcels, Kind>) {
    return child(ShipParcel, { orderId: sagaId, is: item });
  }

  @SagaStep({ kind: 'readonly' })
  async check({ input, results }: SagaContext<Order, OrderParcels>) {
    if (input.refused === true) throw new StepRejected('NO_CARRIER');
    return results.ship.map(({ load }) => load);
  }
}

/** A parent of a parent. */
@SagaDefinition({ name: 'crash-basket' })
class BuyBasket extends Doing {
  @SagaStep()
  async open(context: SagaContext<Order>) {
    return this.do(context);
  }
  @Compensate('open')
  async close(context: SagaContext<Order>) {
    await this.do(context);
  }

  @SagaStep({ kind: 'child' })
  order() {
    return child(OrderParcels, { parcels: ['plain'] });
  }

  @SagaStep({ kind: 'readonly' })
  async check() {
    throw new StepRejected('NO_CREDIT');
  }
}

@SagaDefinition({ name: 'crash-invoice' })
class SendInvoice extends Doing {
  @SagaStep({ kind: 'pivot' })
  async send(context: SagaContext) {
    return this.do(context);
  }
}

@SagaDefinition({ name: 'crash-sale' })
class SellAndInvoice extends Doing {
  @SagaStep({ kind: 'child', onRejected: 'continue' })
  wrap({ sagaId }: SagaContext): ChildSaga<unknown> | undefined {
    return child(ShipParcel, { orderId: sagaId, is: 'fragile' });
  }

  @SagaStep({ kind: 'pivot' })
  async pay(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ kind: 'child' })
  invoice() {
    return child(SendInvoice, {});
  }
}

/** Two branches side by side: one runs a child, the other is refused while that is under way, or before, or after. */
@SagaDefinition({ name: 'crash-race' })
class RefusedBesideAChild extends Doing {
  @SagaStep({ kind: 'child', after: [] })
  ship({ sagaId }: SagaContext) {
    return child(ShipParcel, { orderId: sagaId, is: 'plain' });
  }

  @SagaStep({ kind: 'readonly', after: [] })
  async check({ attempt }: SagaContext) {
    // By the last attempt the child is chosen, started, or at work.
    if (attempt < 4) throw new Error('the bank does not answer');
    throw new StepRejected('NO_CREDIT');
  }
}

const order = (title: string, input: Order): CrashScenario => scenario(title, OrderParcels, { also: [madeOf(ShipParcel)], input });

/** How far the others had come when one was refused is nobody's promise; that nothing of them is left is. */
const whatIsLeft = ({ sagas, effects }: Ending): object => ({
  status: sagas['saga']?.status,
  failure: sagas['saga']?.failure,
  effects,
});

/** Parents and children. */
export const childScenarios = {
  childTakenBack: order('a child that is taken back', { parcels: ['plain'], refused: true }),
  childRecalled: order('a child that is recalled while it runs, by a cancel of its parent', { parcels: ['unwanted'] }),
  grandchildTakenBack: scenario('a child of a child is taken back', BuyBasket, { also: [madeOf(OrderParcels), madeOf(ShipParcel)] }),
  refusedBesideAChild: scenario('a refusal beside a child', RefusedBesideAChild, { also: [madeOf(ShipParcel)], fixed: whatIsLeft }),
  childAfterThePivot: scenario('a refused child that is passed, and one after the pivot', SellAndInvoice, {
    also: [madeOf(ShipParcel), madeOf(SendInvoice)],
  }),
} satisfies Record<string, CrashScenario>;
