import { Compensate, SagaContext, SagaDefinition, type SagaHandle, SagaOperationError, SagaStep, StepRejected } from 'nestjs-sagas';

import type { CrashScenario } from './crash-points.js';
import { Doing, scenario } from './doing.js';

const BY = { operator: 'ann', reason: 'I looked at it' };

/** Two compensations are refused: only a person can end it. */
@SagaDefinition({ name: 'two-that-stay' })
class TwoThatStay extends Doing {
  @SagaStep()
  async reserve(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep({ after: ['reserve'] })
  async charge(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('charge')
  async refund() {
    throw new StepRejected('CLOSED');
  }

  @SagaStep({ after: ['reserve'], each: () => ['ann', 'bob'] })
  async invite(context: SagaContext<object, TwoThatStay, string>) {
    return this.do(context);
  }
  @Compensate('invite')
  async disinvite(context: SagaContext<object, TwoThatStay, string>) {
    if (context.item === 'bob') throw new StepRejected('ON_HIS_WAY');
    await this.do(context);
  }

  @SagaStep({ kind: 'readonly', after: ['charge', 'invite'] })
  async check() {
    throw new StepRejected('RAIN');
  }
}

/** The refund is left, and bob was told by telephone. Asked again it finds what is done already. */
async function skipAndResolve(saga: SagaHandle): Promise<boolean> {
  if ((await saga.view()).status !== 'stuck') return false;
  await unlessRefused(saga.skip('charge', BY));
  await unlessRefused(saga.resolve('invite', { ...BY, item: 1 }));
  return true;
}

async function unlessRefused(command: Promise<void>): Promise<void> {
  await command.catch((error: unknown) => {
    if (!(error instanceof SagaOperationError)) throw error;
  });
}

/** What an operator makes of a saga that is stuck, who asks again where a node died with his command. */
export const operatorScenarios = {
  skippedAndResolved: scenario('a skip and a resolve by hand', TwoThatStay, { operate: skipAndResolve }),
} satisfies Record<string, CrashScenario>;
