import { Compensate, CompensationContext, SagaContext, SagaDefinition, SagaStep, SagaTransaction } from 'nestjs-sagas';

import { Scene } from './scene.js';
import type { Plan } from './settings.js';

/** Its deposit is a row of the table `deposit`, in the transaction of the step. */
@SagaDefinition<Plan>({ name: 'account', retry: { delay: '100ms', jitter: 'none' } })
export class AccountSaga {
  constructor(
    private readonly scene: Scene,
    private readonly transaction: SagaTransaction,
  ) {}

  @SagaStep({ transactional: true })
  async deposit(context: SagaContext<Plan>) {
    await this.transaction.manager.query('insert into deposit values ($1, $2)', [context.sagaId, this.scene.settings.name]);
    return this.scene.play(context, 'deposit');
  }
  @Compensate('deposit', { transactional: true })
  async withdraw(context: CompensationContext<Plan>) {
    await this.transaction.manager.query('delete from deposit where saga_id = $1', [context.sagaId]);
    await this.scene.play(context, 'withdraw');
  }

  @SagaStep({ kind: 'readonly' })
  async approve(context: SagaContext<Plan>) {
    return this.scene.play(context, 'approve');
  }
}
