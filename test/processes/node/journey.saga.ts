import { Compensate, CompensationContext, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { Scene } from './scene.js';
import type { Plan } from './settings.js';

/** Two bookings, and a look at the whole. Attempts are so short that a compensation need not wait long after a take-over. [R22] */
@SagaDefinition<Plan>({ name: 'journey', timeout: '10m', retry: { delay: '100ms', jitter: 'none' } })
export class JourneySaga {
  constructor(private readonly scene: Scene) {}

  @SagaStep()
  async flight(context: SagaContext<Plan>) {
    return this.scene.play(context, 'flight');
  }
  @Compensate('flight')
  async cancelFlight(context: CompensationContext<Plan>) {
    await this.scene.play(context, 'cancelFlight');
  }

  @SagaStep()
  async hotel(context: SagaContext<Plan>) {
    return this.scene.play(context, 'hotel');
  }
  @Compensate('hotel')
  async cancelHotel(context: CompensationContext<Plan>) {
    await this.scene.play(context, 'cancelHotel');
  }

  @SagaStep({ kind: 'readonly' })
  async approve(context: SagaContext<Plan>) {
    return this.scene.play(context, 'approve');
  }
}
