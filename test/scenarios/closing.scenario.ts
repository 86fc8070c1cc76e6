import { Compensate, SagaClient, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { describeStory, type SagaApp, type StoryStore } from '../support/saga-app.js';
import { aborted, World } from '../support/world.js';

@SagaDefinition({ name: 'baking' })
class BakingSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async knead() {
    await this.world.gate('knead').pass();
    this.world.did('knead');
  }

  @SagaStep({ kind: 'readonly' })
  async bake() {
    this.world.did('bake');
  }
}

@SagaDefinition({ name: 'attentive' })
class AttentiveSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async listen({ signal, attempt }: SagaContext) {
    this.world.did(`listen#${attempt}`);
    await this.world.gate('listen').pass(signal);
  }
}

@SagaDefinition({ name: 'deaf', retry: { attempts: 1 } })
class DeafSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ timeout: 20 })
  async sleep({ signal }: SagaContext) {
    void aborted(signal).then(() => this.world.gate('told').open());
    await this.world.gate('forever').pass();
  }

  @Compensate('sleep')
  async wake() {}
}

@SagaDefinition({ name: 'resting' })
class RestingSaga {
  @SagaStep({ kind: 'readonly', delay: '1h' })
  async rest() {}
}

export function tellClosing(store: StoryStore): void {
  describeStory('an application that closes', store, ({ boot, world }) => {
    it('R22: waits for what is under way, records it, and begins nothing more', async () => {
      const app = await boot({ sagas: [BakingSaga] });
      await app.sagas.start(BakingSaga, {});
      await world().gate('knead').reached;
      const closing = app.close();
      await eventually(
        async () => (await app.sagas.health()).worker,
        (worker) => worker === 'stopped',
      );
      world().gate('knead').open();
      await closing;
      expect(world().deeds).toEqual(['knead']);
    });

    it('R22: aborts what has not ended within shutdownTimeout', async () => {
      const app = await boot({ sagas: [AttentiveSaga], options: { worker: { shutdownTimeout: 20 } } });
      await app.sagas.start(AttentiveSaga, {});
      await world().gate('listen').reached;
      await app.close();
      expect(world().deeds).toEqual(['listen#1']);
    });

    it('R22: waits little for a method that ignores its signal, also where that timed out long ago', async () => {
      const app = await boot({ sagas: [DeafSaga], options: { worker: { shutdownTimeout: 20 } } });
      await app.sagas.start(DeafSaga, {});
      await world().gate('told').pass();
      const began = performance.now();
      await app.close();
      expect(performance.now() - began).toBeLessThan(2_000);
    });

    it('leaves no timer behind, and nobody waiting for a result', async () => {
      const timers = timersNow();
      const app = await boot({ sagas: [BakingSaga, RestingSaga, DeafSaga], options: { worker: { shutdownTimeout: 20 } } });
      const resting = await app.sagas.start(RestingSaga, {});
      const delayed = await app.sagas.start(BakingSaga, {}, { delay: '1h' });
      await app.sagas.start(DeafSaga, {});
      await world().gate('told').pass();
      const waiting = Promise.allSettled([resting.result(), delayed.result({ timeout: '1h' })]);
      await app.close();
      const gone = 'The application has shut down, and the saga store with it. Sagas go on where it runs again.';
      expect((await waiting).map((end) => end.status === 'rejected' && (end.reason as Error).message)).toEqual([gone, gone]);
      await expect(app.sagas.start(BakingSaga, {})).rejects.toThrow(gone);
      // Of the whole process: those of the test runner come and go; one of ours would stay.
      await eventually(timersNow, (now) => now <= timers, 5_000);
    });

    it('gives an answer to every start that was under way', async () => {
      const app = await boot({ sagas: [BakingSaga] });
      world().gate('knead').open();
      const starts = startMany(app, 40);
      await app.close();
      await starts;
    });
  });
}

const startMany = async (app: SagaApp, count: number): Promise<unknown> =>
  Promise.allSettled(Array.from({ length: count }, async () => app.get(SagaClient).start(BakingSaga, {})));

const timersNow = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
