import { isDeepStrictEqual } from 'node:util';

import type { Type } from '@nestjs/common';
import { ChildSaga, type SagaClient } from 'nestjs-sagas';

import { World } from '../support/world.js';
import { aroundActions } from './actions.js';
import { askingAgain } from './asking-again.js';
import { type CrashedRun, passOverRefused } from './crash-points.js';
import { Deeds, Effects } from './deeds.js';
import { doneFor, endingOf } from './ending.js';
import { familiesIn } from './family.js';
import type { CrashPoint } from './life.js';
import { MortalWorld } from './mortal-world.js';
import { CrashingNode, LEASE_MS } from './node.js';
import { placeInMemory } from './places.js';

/** A story that is told while the node of its sagas dies at a crash point, and another takes over. Whoever tells it notices nothing. */
export class CrashedTelling {
  readonly world = new World();
  readonly sagas: SagaClient = askingAgain(async () => this.living);
  private readonly place = placeInMemory();
  private readonly effects = new Effects();
  private readonly doneBefore = new Map<string, number>();
  private readonly nodes: CrashingNode[] = [];
  private living: Promise<CrashingNode>;

  constructor(
    private readonly types: readonly Type<object>[],
    /** `around`: stands between each action and whoever calls it. */
    private readonly how: { readonly crashPoint?: CrashPoint | undefined; readonly around?: (call: () => unknown) => Promise<unknown> },
  ) {
    this.living = this.boot(how.crashPoint);
  }

  /** How it ended, when the story is told. */
  async end(): Promise<CrashedRun> {
    const node = await this.survivor();
    const { store } = this.place;
    const atEnd = await familiesIn(store);
    const ending = await endingOf(atEnd, node.sagas, this.effects);
    for (const { life } of this.nodes) await life.sendLastWrite().catch(passOverRefused);
    return {
      ending,
      writes: this.nodes[0]!.life.writes,
      doneAgain: [...this.doneBefore].filter(([done, times]) => this.effects.of(done) !== times).map(([done]) => done),
      doneTooOften: this.effects.keys.filter((done) => this.effects.of(done) > this.nodes.length),
      changedTooLate: !isDeepStrictEqual(await familiesIn(store), atEnd),
    };
  }

  async leave(): Promise<void> {
    this.world.openAll();
    await Promise.all(this.nodes.map(async (node) => node.leave()));
  }

  private async boot(crashPoint?: CrashPoint): Promise<CrashingNode> {
    const [saga, ...also] = this.types.map((type) => ({ type, make: ({ life }: Pick<CrashingNode, 'life'>) => this.make(type, life) }));
    const node = await CrashingNode.boot(this.place.store, { ...saga!, also, ...(crashPoint && { crashPoint }) });
    this.nodes.push(node);
    void node.life.died.then(() => (this.living = this.takeOver()));
    await this.place.store.releaseGone();
    return node;
  }

  private async takeOver(): Promise<CrashingNode> {
    for (const done of doneFor(await familiesIn(this.place.store))) this.doneBefore.set(done, this.effects.of(done));
    await this.place.pass(LEASE_MS + 1);
    const node = await this.boot();
    await node.sweep();
    return node;
  }

  /** The node that lives when nothing more is to be done, and does not die of its answers to the test. */
  private async survivor(): Promise<CrashingNode> {
    for (;;) {
      const node = await this.living;
      if (node.life.outlives()) return node;
    }
  }

  private make(type: Type<object>, life: CrashingNode['life']): object {
    const deeds = new Deeds(this.effects, life);
    return aroundActions(new type(new MortalWorld(this.world, life)), async (call, context) => {
      const { around = async () => call() } = this.how;
      const result = await around(call);
      // What ends well was done outside, under its key. What a child does it does itself.
      if (!(result instanceof ChildSaga)) await deeds.do(context);
      return result;
    });
  }
}
