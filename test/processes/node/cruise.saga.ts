import { Compensate, CompensationContext, SagaContext, SagaDefinition, SagaStep, SagaTransaction } from 'nestjs-sagas';

import { Scene } from './scene.js';
import type { Plan } from './settings.js';

/** Two branches, three of a kind, a deposit in the database, and a point of no return: what the chaos strikes. */
@SagaDefinition<Plan>({
  name: 'cruise',
  retry: { attempts: 3, delay: '50ms', jitter: 'none' },
  compensationRetry: { delay: '50ms', maxDelay: '200ms', jitter: 'none' },
})
export class CruiseSaga {
  constructor(
    private readonly scene: Scene,
    private readonly transaction: SagaTransaction,
  ) {}

  @SagaStep()
  async cabin(context: SagaContext<Plan>) {
    return this.scene.act(context, 'cabin');
  }
  @Compensate('cabin')
  async cancelCabin(context: CompensationContext<Plan>) {
    await this.scene.act(context, 'cancelCabin');
  }

  @SagaStep({ each: () => ['fjord', 'glacier', 'village'] })
  async excursions(context: SagaContext<Plan, CruiseSaga, string>) {
    return this.scene.act(context, 'excursions');
  }
  @Compensate('excursions')
  async cancelExcursion(context: CompensationContext<Plan, CruiseSaga, string>) {
    await this.scene.act(context, 'cancelExcursion');
  }

  @SagaStep({ after: [], transactional: true })
  async deposit(context: SagaContext<Plan>) {
    return this.scene.act(context, 'deposit', this.transaction.manager);
  }
  @Compensate('deposit')
  async withdraw(context: CompensationContext<Plan>) {
    await this.scene.act(context, 'withdraw', this.transaction.manager);
  }

  @SagaStep({ after: ['excursions', 'deposit'], kind: 'readonly' })
  async approval(context: SagaContext<Plan>) {
    return this.scene.act(context, 'approval');
  }

  @SagaStep({ kind: 'pivot' })
  async payment(context: SagaContext<Plan>) {
    return this.scene.act(context, 'payment');
  }

  @SagaStep({ kind: 'retriable' })
  async tickets(context: SagaContext<Plan>) {
    return this.scene.act(context, 'tickets');
  }
}
