import { type Gate, World } from '../support/world.js';
import type { Life } from './life.js';

/** The world as the sagas of one node see it: what they do when that is dead is not done, and they pass no gate any more. */
export class MortalWorld extends World {
  constructor(
    world: World,
    private readonly life: Life,
  ) {
    super(world);
  }

  /** Each deed is done once: who does it again, as after a crash, finds it done. [R9] */
  override did(...[deed, context]: Parameters<World['did']>): void {
    if (!this.life.isOver && !this.deeds.includes(deed)) super.did(deed, context);
  }

  override gate(name: string): Gate {
    const gate = super.gate(name);
    return Object.assign(Object.create(gate) as Gate, {
      pass: async (signal?: AbortSignal) => this.life.live(async () => gate.pass(signal)),
      open: () => {
        if (!this.life.isOver) gate.open();
      },
    });
  }
}
