import {
  Compensate,
  type CompensationContext,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaStep,
  SagaStuckError,
} from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { errorOf } from '../support/saga-app.js';
import type { World } from '../support/world.js';
import { DyingNodes } from './dying-nodes.js';
import type { Life } from './life.js';
import { LEASE_MS } from './node.js';

/** Its attempt may be at work for longer than the lease of the node that called it. */
@SagaDefinition({ name: 'vault' })
class VaultSaga {
  constructor(
    private readonly life: Life,
    private readonly world: World,
  ) {}

  @SagaStep({ timeout: LEASE_MS * 2.5 })
  async unlock(): Promise<string> {
    this.world.did('unlock');
    return this.life.kill();
  }

  @Compensate('unlock')
  async lock({ outcome }: CompensationContext, key: string | undefined) {
    this.world.did(`lock ${key} (${outcome})`);
  }
}

@SagaDefinition<{ readonly kills: 'reserve' | 'fire' }>({ name: 'rocket', retry: { attempts: 5 } })
class RocketSaga {
  constructor(
    private readonly life: Life,
    private readonly world: World,
  ) {}

  @SagaStep({ idempotent: false, timeout: '1s' })
  async reserve({ input }: SagaContext<{ readonly kills: 'reserve' | 'fire' }>): Promise<string> {
    this.world.did('reserve');
    return input.kills === 'reserve' ? this.life.kill() : 'pad 7';
  }

  @Compensate('reserve')
  async giveBack({ outcome }: CompensationContext, pad: string | undefined) {
    this.world.did(`give back ${pad} (${outcome})`);
  }

  @SagaStep({ kind: 'pivot', idempotent: false })
  async fire(): Promise<void> {
    this.world.did('fire');
    await this.life.kill();
  }
}

describe('what a dead node left behind', () => {
  let nodes: DyingNodes;
  afterEach(async () => nodes.leave());

  it('R22: a compensation waits until the attempt that nobody watches any more has timed out', async () => {
    nodes = new DyingNodes(VaultSaga, (life, world) => new VaultSaga(life, world));
    const first = await nodes.boot();
    const { id } = await first.sagas.start(VaultSaga, {});
    await first.life.died;
    await (await nodes.boot({ works: false })).sagas.get(id).cancel('stop it');

    // Its lease and that of the one who cancelled are over; the timeout of the attempt is not.
    const second = await nodes.boot();
    const { steps } = await eventually(
      async () => second.sagas.get(id).view(),
      ({ status }) => status === 'compensating',
    );
    expect(steps).toMatchObject([{ status: 'unknown', compensation: { status: 'pending', attempts: 0 } }]);
    expect(nodes.world.deeds).toEqual(['unlock']);

    const third = await nodes.boot();
    await errorOf(third.sagas.get(id).result({ timeout: '20s' }), SagaCompensatedError);
    expect(nodes.world.deeds).toEqual(['unlock', 'lock undefined (unknown)']);
  });

  it('R9, R21: a step that is not idempotent is not repeated: its outcome is unknown, and it is compensated without a result', async () => {
    nodes = new DyingNodes(RocketSaga, (life, world) => new RocketSaga(life, world));
    const first = await nodes.boot();
    const { id } = await first.sagas.start(RocketSaga, { kills: 'reserve' });
    await first.life.died;
    const { failure } = await errorOf((await nodes.boot()).sagas.get(id).result({ timeout: '20s' }), SagaCompensatedError);
    expect(failure).toEqual({ step: 'reserve', kind: 'failed', message: 'its node died, or lost the saga, while it ran' });
    expect(nodes.world.deeds).toEqual(['reserve', 'give back undefined (unknown)']);
  });

  it('R11, R21: a pivot that is not idempotent is not repeated, and makes the saga stuck', async () => {
    nodes = new DyingNodes(RocketSaga, (life, world) => new RocketSaga(life, world));
    const first = await nodes.boot();
    const { id } = await first.sagas.start(RocketSaga, { kills: 'fire' });
    await first.life.died;
    const { failure } = await errorOf((await nodes.boot()).sagas.get(id).result({ timeout: '20s' }), SagaStuckError);
    expect(failure).toEqual({ step: 'fire', kind: 'failed', message: 'its node died, or lost the saga, while it ran' });
    expect(nodes.world.deeds).toEqual(['reserve', 'fire']);
  });
});
