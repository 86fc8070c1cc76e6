import { Compensate, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { ChargeOutside, Deposit, RefundOutside, TakeBack } from '../../../libs/saga/src/participant/participant.fixture.js';

export interface Transfer {
  /** Of the ledger, and of the gateway. */
  readonly account: string;
  readonly ends: 'completed' | 'refused' | 'refused at once';
}

type Context = SagaContext<Transfer>;

/** Shorter than the longest delay, so that answers come late. */
const TIMEOUT = 400;

const RETRY = { attempts: 8, delay: 20, maxDelay: 200 } as const;
const COMPENSATION = { timeout: TIMEOUT, retry: { delay: 20, maxDelay: 200 } } as const;

/** Writes a line in the participant's database, charges a gateway outside, and is then refused or not. */
@SagaDefinition<Transfer>({ name: 'scrambled-transfer', retry: RETRY })
export class ScrambledTransferSaga {
  @SagaStep({ timeout: TIMEOUT })
  deposit({ input }: Context) {
    return new Deposit(input.account);
  }

  @Compensate('deposit', COMPENSATION)
  takeBack({ input }: Context) {
    return new TakeBack(input.account);
  }

  @SagaStep({ timeout: TIMEOUT })
  charge({ input }: Context) {
    return new ChargeOutside(input.account);
  }

  @Compensate('charge', COMPENSATION)
  refund({ input }: Context) {
    return new RefundOutside(input.account);
  }

  @SagaStep({ kind: 'readonly' })
  async ship({ input }: Context) {
    if (input.ends !== 'completed') throw new StepRejected('NO_CARRIER', 'nobody carries it');
  }
}

/** The same all at once: it unwinds while commands are on their way, which their compensations overtake. */
@SagaDefinition<Transfer>({ name: 'hasty-transfer', retry: RETRY })
export class HastyTransferSaga {
  @SagaStep({ after: [], timeout: TIMEOUT })
  deposit({ input }: Context) {
    return new Deposit(input.account);
  }

  @Compensate('deposit', COMPENSATION)
  takeBack({ input }: Context) {
    return new TakeBack(input.account);
  }

  @SagaStep({ after: [], timeout: TIMEOUT })
  charge({ input }: Context) {
    return new ChargeOutside(input.account);
  }

  @Compensate('charge', COMPENSATION)
  refund({ input }: Context) {
    return new RefundOutside(input.account);
  }

  @SagaStep({ kind: 'readonly', after: [] })
  async ship() {
    throw new StepRejected('NO_CARRIER', 'nobody carries it');
  }
}
