import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { describeStory, errorOf, type StoryStore } from '../support/saga-app.js';
import { World } from '../support/world.js';

const THROWN: Readonly<Record<string, unknown>> = {
  undefined,
  null: null,
  'a text': 'plain text',
  'an object without a prototype': Object.create(null),
  'an object that cannot be printed': {
    toString() {
      throw new Error('no text of me');
    },
  },
  'an error whose message is a number': Object.assign(new Error(), { message: 42 }),
  'an error whose message cannot be read': Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('unreadable');
    },
  }),
  'an error with details that cannot be stored': Object.assign(new Error('with details'), { details: { map: new Map() } }),
};

@SagaDefinition<{ throws: string }>({ name: 'throwing', retry: { attempts: 2 } })
class ThrowingSaga {
  @SagaStep()
  async work({ input }: SagaContext<{ throws: string }>): Promise<void> {
    throw THROWN[input.throws];
  }

  @Compensate('work')
  async undo() {}
}

@SagaDefinition({
  name: 'puzzled',
  retry: {
    attempts: 2,
    retryIf: () => {
      throw new TypeError('retryIf is puzzled');
    },
  },
})
class PuzzledSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async work() {
    this.world.did('work');
    throw new Error('out of order');
  }

  @Compensate('work')
  async undo() {}
}

@SagaDefinition({ name: 'hanging' })
class HangingSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async hang() {
    await this.world.gate('never').pass();
  }
}

@SagaDefinition({ name: 'sleeping' })
class SleepingSaga {
  @SagaStep({ kind: 'readonly', delay: '1h' })
  async sleep() {}
}

@SagaDefinition<{ n: number }>({ name: 'honest' })
class HonestSaga {
  @SagaStep({ kind: 'readonly' })
  async work({ input }: SagaContext<{ n: number }>) {
    return input.n;
  }
}

export function tellBadNeighbours(store: StoryStore): void {
  describeStory('bad neighbours', store, ({ boot, world }) => {
    it.each(Object.keys(THROWN))('R32: a step that throws %s ends like one that throws an error', async (throws) => {
      const app = await boot({ sagas: [ThrowingSaga] });
      const saga = await app.sagas.start(ThrowingSaga, { throws });
      const { failure } = await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'work', kind: 'failed' });
      expect(typeof failure.message).toBe('string');
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'unknown', attempts: 2 });
    });

    it('R32: a retryIf that throws does not stop the retries, and is named', async () => {
      const app = await boot({ sagas: [PuzzledSaga] });
      const saga = await app.sagas.start(PuzzledSaga, {});
      const { failure } = await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(failure.message).toBe('out of order (and its retryIf threw: retryIf is puzzled)');
      expect(world().deeds).toEqual(['work', 'work']);
    });

    it('R32: while one saga hangs and others throw, a hundred more end', async () => {
      const app = await boot({ sagas: [HangingSaga, ThrowingSaga, HonestSaga] });
      const hanging = await app.sagas.start(HangingSaga, {});
      await world().gate('never').reached;
      const throwing = await Promise.all(Object.keys(THROWN).map(async (throws) => app.sagas.start(ThrowingSaga, { throws })));
      const honest = await Promise.all(Array.from({ length: 100 }, async (_, n) => app.sagas.start(HonestSaga, { n })));
      const results = await Promise.all(honest.map(async (saga) => saga.result()));
      expect(results.map(({ work }) => work)).toEqual(Array.from({ length: 100 }, (_, n) => n));
      await Promise.all(throwing.map(async (saga) => errorOf(saga.result(), SagaCompensatedError)));
      expect((await hanging.view()).status).toBe('running');
      world().gate('never').open();
      await hanging.result();
    });

    it('R32: a node that is full takes up the rest as soon as it has room, and what sleeps takes none', async () => {
      const app = await boot({ sagas: [HangingSaga, HonestSaga, SleepingSaga], options: { worker: { concurrency: 2 } } });
      await Promise.all([1, 2, 3].map(async () => app.sagas.start(SleepingSaga, {})));
      const hanging = await app.sagas.start(HangingSaga, {});
      await world().gate('never').reached;
      const honest = await Promise.all(Array.from({ length: 20 }, async (_, n) => app.sagas.start(HonestSaga, { n })));
      await Promise.all(honest.map(async (saga) => saga.result({ timeout: '20s' })));
      world().gate('never').open();
      await hanging.result();
    });
  });
}
