import type { Type } from '@nestjs/common';
import { child, SagaContext, SagaDefinition, type SagaHandle, SagaStep } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import type { World } from '../support/world.js';
import { DyingNodes } from './dying-nodes.js';
import type { Life } from './life.js';
import type { CrashingNode } from './node.js';

export interface Load {
  readonly name: string;
  /** How many of its attempts kill their node. */
  readonly kills?: number;
  /** The attempt that fails, once it no longer kills. */
  readonly fails?: number;
}

@SagaDefinition<Load>({ name: 'crane', key: ({ name }) => name })
export class CraneSaga {
  constructor(
    private readonly life: Life,
    private readonly world: World,
  ) {}

  @SagaStep({ kind: 'readonly' })
  async lift({ input: { name, kills = 0, fails }, attempt, signal }: SagaContext<Load>) {
    this.world.did(`${name}#${attempt} begins`);
    await this.world.gate(`${name}#${attempt}`).pass(signal);
    if (attempt <= kills) await this.life.kill();
    this.world.did(`${name}#${attempt} ends`);
    if (attempt === fails) throw new Error('it slipped');
  }

  @SagaStep({ kind: 'readonly' })
  async lower() {}
}

/** Has its load lifted by a crane. */
@SagaDefinition<Load>({ name: 'ship' })
export class ShipSaga {
  @SagaStep({ kind: 'child' })
  unload({ input }: SagaContext<Load>) {
    return child(CraneSaga, input);
  }
}

/** Nodes under a crane. */
export class Quay extends DyingNodes {
  constructor() {
    super(CraneSaga, (life, world) => new CraneSaga(life, world), [{ type: ShipSaga, make: () => new ShipSaga() }]);
  }

  /** A node on which a load hangs that has killed two others. */
  async bootAfterTwo(
    load: Omit<Load, 'kills'>,
    type: Type<object> = CraneSaga,
  ): Promise<{ readonly node: CrashingNode; readonly poison: SagaHandle }> {
    this.open(`${load.name}#1`, `${load.name}#2`);
    const first = await this.boot();
    const { id } = await first.sagas.start(type, { ...load, kills: 2 });
    await first.life.died;
    await this.die();
    const node = await this.boot();
    await this.begun(`${load.name}#3`);
    return { node, poison: node.sagas.get(id) };
  }

  async begun(attempt: string): Promise<void> {
    await eventually(
      () => this.world.deeds,
      (deeds) => deeds.includes(`${attempt} begins`),
    );
  }
}
