import { Compensate, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { World } from '../support/world.js';

export interface Trip {
  readonly full?: boolean;
}

/** A flight, then a hotel behind a gate, which may be full. */
@SagaDefinition({ name: 'trip' })
export class TripSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async flight(context: SagaContext<Trip>) {
    this.world.did('flight', context);
    return 'LH 1';
  }

  @Compensate('flight')
  async cancelFlight(context: SagaContext<Trip>) {
    this.world.did('cancel flight', context);
  }

  @SagaStep({ kind: 'readonly' })
  async hotel({ input }: SagaContext<Trip>) {
    await this.world.gate('hotel').pass();
    if (input.full) throw new StepRejected('no room');
    return 'room 7';
  }
}
