import { Injectable } from '@nestjs/common';
import { SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { describeStory, type SagaApp, type StoryStore } from '../support/saga-app.js';
import { World } from '../support/world.js';

/** Sagas between their first step and their last: all of these are in memory. */
@Injectable()
class Crowd {
  most = 0;
  private readonly inside = new Set<string>();

  enter(sagaId: string): void {
    this.inside.add(sagaId);
    this.most = Math.max(this.most, this.inside.size);
  }

  leave(sagaId: string): void {
    this.inside.delete(sagaId);
  }
}

@SagaDefinition({ name: 'visit' })
class VisitSaga {
  constructor(
    private readonly world: World,
    private readonly crowd: Crowd,
  ) {}

  @SagaStep({ kind: 'readonly' })
  async comeIn({ sagaId }: SagaContext) {
    this.crowd.enter(sagaId);
  }

  @SagaStep({ kind: 'readonly' })
  async look({ sagaId }: SagaContext) {
    await this.world.gate('exit').pass();
    this.crowd.leave(sagaId);
  }
}

const CONCURRENCY = 5;
const VISITORS = 60;

export function tellBackPressure(store: StoryStore): void {
  describeStory('more sagas than a node has places for', store, ({ boot, world }) => {
    const open = async (): Promise<SagaApp> =>
      boot({ sagas: [VisitSaga], providers: [Crowd], options: { worker: { concurrency: CONCURRENCY } } });
    const start = async (app: SagaApp, count: number) =>
      Promise.all(Array.from({ length: count }, async () => app.sagas.start(VisitSaga, {})));
    const count = async (app: SagaApp, status: 'pending' | 'completed'): Promise<number> =>
      (await app.sagas.find({ status, limit: 500 })).items.length;

    it('R34: as many as it has places for are in memory; the others are recorded, wait, and run when a place is free', async () => {
      const app = await open();
      const first = await start(app, VISITORS);
      await eventually(
        () => world().gate('exit').came,
        (came) => came === CONCURRENCY,
      );
      expect((await app.sagas.health()).inMemory).toBe(CONCURRENCY);
      expect(await count(app, 'pending')).toBe(VISITORS - CONCURRENCY);

      world().gate('exit').open();
      // While places are freed and claimed, more are started.
      const later = await start(app, VISITORS);
      await Promise.all([...first, ...later].map(async (saga) => saga.result({ timeout: '30s' })));
      expect(app.get(Crowd).most).toBe(CONCURRENCY);
      expect(await count(app, 'completed')).toBe(2 * VISITORS);
    });

    it('R34: starts that come while others are claimed take no place twice', async () => {
      const app = await open();
      world().gate('exit').open();
      const visit = async (): Promise<void> => {
        for (let visits = 0; visits < 10; visits += 1) await (await app.sagas.start(VisitSaga, {})).result({ timeout: '30s' });
      };
      await Promise.all(Array.from({ length: 4 * CONCURRENCY }, visit));
      expect(app.get(Crowd).most).toBe(CONCURRENCY);
    });
  });
}
