import type { Type } from '@nestjs/common';
import { Compensate, CompensationContext, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { Scene } from './scene.js';
import type { Plan, Release } from './settings.js';

const DELIVERY = { name: 'delivery', retry: { delay: '100ms', jitter: 'none' } } as const;

/** As it was when its first sagas began. */
@SagaDefinition<Plan>(DELIVERY)
class DeliverySaga {
  constructor(private readonly scene: Scene) {}

  @SagaStep()
  async pack(context: SagaContext<Plan>) {
    return this.scene.play(context, 'pack');
  }
  @Compensate('pack')
  async unpack(context: CompensationContext<Plan>) {
    await this.scene.play(context, 'unpack');
  }

  @SagaStep({ kind: 'readonly' })
  async send(context: SagaContext<Plan, DeliverySaga>) {
    return `${await this.scene.play(context, 'send')} what ${context.results.pack} made`;
  }
}

/** The same version: one step has another name, and one more is there. */
@SagaDefinition<Plan>(DELIVERY)
class ChangedDeliverySaga {
  constructor(private readonly scene: Scene) {}

  @SagaStep({ was: 'pack' })
  async wrap(context: SagaContext<Plan>) {
    return this.scene.play(context, 'wrap');
  }
  @Compensate('wrap')
  async unwrap(context: CompensationContext<Plan>) {
    await this.scene.play(context, 'unwrap');
  }

  @SagaStep({ kind: 'readonly' })
  async send(context: SagaContext<Plan, ChangedDeliverySaga>) {
    return `${await this.scene.play(context, 'send')} what ${context.results.wrap} made`;
  }

  @SagaStep({ kind: 'readonly' })
  async report(context: SagaContext<Plan>) {
    return this.scene.play(context, 'report');
  }
}

@SagaDefinition<Plan>({ ...DELIVERY, version: 2 })
class SecondDeliverySaga {
  constructor(private readonly scene: Scene) {}

  @SagaStep({ kind: 'readonly' })
  async fly(context: SagaContext<Plan>) {
    return this.scene.play(context, 'fly');
  }
}

/** The classes of each release; the last one is that of new sagas. */
export const DELIVERIES: Readonly<Record<Release, readonly Type<object>[]>> = {
  first: [DeliverySaga],
  changed: [ChangedDeliverySaga],
  second: [DeliverySaga, SecondDeliverySaga],
};
