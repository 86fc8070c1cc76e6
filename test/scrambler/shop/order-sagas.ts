import { Compensate, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { Charge, Pack, Refund, Release, Reserve, Unpack } from './commands.js';

export interface Order {
  readonly order: string;
  /** All steps at once, so that it unwinds while commands are on their way, which their compensations overtake. */
  readonly hasty: boolean;
  /** Packed by somebody who answers later. */
  readonly packed: boolean;
  /** Who refuses it; left out: nobody does. */
  readonly refusedBy?: 'stock' | 'till' | 'packer' | 'carrier';
}

type Context = SagaContext<Order>;

/** Shorter than the longest delay, so that answers come late. */
const TIMEOUT = 700;
/** Longer than a process needs to be there again, on a busy machine. */
const RETRY = { attempts: 60, delay: 50, maxDelay: 1_000 } as const;
/** Given up while its participants are down. */
const HASTY_RETRY = { attempts: 4, delay: 50 } as const;
const COMPENSATION = { timeout: TIMEOUT, retry: { attempts: 'unlimited', delay: 50, maxDelay: 1_000 } } as const;

@SagaDefinition<Order>({ name: 'order', retry: RETRY })
export class OrderSaga {
  @SagaStep({ timeout: TIMEOUT })
  reserve({ input }: Context) {
    return new Reserve(input.order, input.refusedBy === 'stock');
  }

  @Compensate('reserve', COMPENSATION)
  release({ input }: Context) {
    return new Release(input.order);
  }

  @SagaStep({ timeout: TIMEOUT })
  charge({ input }: Context) {
    return new Charge(input.order, input.refusedBy === 'till');
  }

  @Compensate('charge', COMPENSATION)
  refund({ input }: Context) {
    return new Refund(input.order);
  }

  /** Its timeout limits the whole wait. */
  @SagaStep({ when: ({ input }: Context) => input.packed, timeout: '8s' })
  pack({ input }: Context): Pack | undefined {
    return new Pack(input.order, input.refusedBy === 'packer');
  }

  @Compensate('pack', COMPENSATION)
  unpack({ input }: Context): Pack | undefined {
    return new Unpack(input.order);
  }

  @SagaStep({ kind: 'readonly' })
  async ship({ input }: Context) {
    if (input.refusedBy === 'carrier') throw new StepRejected('NO_CARRIER', 'nobody carries it');
  }
}

/** Refused at once, while the others are asked. */
@SagaDefinition<Order>({ name: 'hasty-order', retry: HASTY_RETRY })
export class HastyOrderSaga {
  @SagaStep({ after: [], timeout: TIMEOUT })
  reserve({ input }: Context) {
    return new Reserve(input.order);
  }

  @Compensate('reserve', COMPENSATION)
  release({ input }: Context) {
    return new Release(input.order);
  }

  @SagaStep({ after: [], timeout: TIMEOUT })
  charge({ input }: Context) {
    return new Charge(input.order);
  }

  @Compensate('charge', COMPENSATION)
  refund({ input }: Context) {
    return new Refund(input.order);
  }

  @SagaStep({ kind: 'readonly', after: [] })
  async ship() {
    throw new StepRejected('NO_CARRIER', 'nobody carries it');
  }
}
