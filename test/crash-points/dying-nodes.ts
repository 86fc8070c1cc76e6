import type { Type } from '@nestjs/common';

import { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import { World } from '../support/world.js';
import type { Life } from './life.js';
import { CrashingNode, LEASE_MS, type MadeSaga } from './node.js';

/** Nodes over one store in memory that die of what a step does, one after another. */
export class DyingNodes {
  readonly world = new World();
  private shiftMs = 0;
  private readonly store = new InMemorySagaStore({ now: () => Date.now() + this.shiftMs });
  private readonly nodes: CrashingNode[] = [];

  constructor(
    private readonly type: Type<object>,
    private readonly make: (life: Life, world: World) => object,
    private readonly also: readonly MadeSaga[] = [],
  ) {}

  /** The next one, once the leases of all before it are over. */
  async boot({ works = true } = {}): Promise<CrashingNode> {
    this.shiftMs += LEASE_MS + 1;
    await this.store.releaseGone();
    const { type, also, world } = this;
    const node = await CrashingNode.boot(this.store, { type, make: ({ life }) => this.make(life, world), also, works });
    this.nodes.push(node);
    return node;
  }

  /** Boots a node that is about to die. */
  async die(): Promise<void> {
    await (
      await this.boot()
    ).life.died;
  }

  open(...gates: readonly string[]): void {
    for (const gate of gates) this.world.gate(gate).open();
  }

  async leave(): Promise<void> {
    this.world.openAll();
    await Promise.all(this.nodes.map(async (node) => node.leave()));
  }
}
