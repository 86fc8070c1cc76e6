import { Compensate, isSagaError, SagaContext, SagaDefinition, SagaNotFoundError, SagaResultTimeoutError, SagaStep } from 'nestjs-sagas';

import { describeStory, errorOf, type StoryStore } from '../support/saga-app.js';
import { World } from '../support/world.js';

@SagaDefinition<{ n: number }>({ name: 'counting', key: ({ n }) => `n-${n}` })
class CountingSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async count({ input, metadata, step, attempt, sagaId, idempotencyKey }: SagaContext<{ n: number }>) {
    this.world.did(JSON.stringify({ metadata, step, attempt, key: idempotencyKey === `${sagaId}:count` }));
    return { counted: input.n, on: new Date('2026-01-01T00:00:00.000Z') };
  }

  @Compensate('count')
  async forget() {}

  @SagaStep({ kind: 'readonly', when: ({ input }: SagaContext<{ n: number }>) => input.n < 0 })
  async complain(): Promise<string | undefined> {
    return 'negative';
  }
}

@SagaDefinition({ name: 'slow' })
class SlowSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async wait() {
    await this.world.gate('slow').pass();
    return 'at last';
  }
}

const MENDS = {
  '00000000-0000-7000-8000-000000000000': 'look for it by its key; once it has ended it is deleted after `retention`',
  'no id at all': 'a saga id is a UUID; by its key it is found with findByKey',
};

export function tellAsking(store: StoryStore): void {
  describeStory('asking about sagas', store, ({ boot, world }) => {
    it('a context says where it stands, and what the start was given', async () => {
      const app = await boot({ sagas: [CountingSaga] });
      await (await app.sagas.start(CountingSaga, { n: 1 }, { metadata: { tenant: 'acme' } })).result();
      expect(world().deeds.map((deed) => JSON.parse(deed) as unknown)).toEqual([
        { metadata: { tenant: 'acme' }, step: 'count', attempt: 1, key: true },
      ]);
    });

    it('a view shows the saga and its steps in graph order, with dates as dates', async () => {
      const app = await boot({ sagas: [CountingSaga] });
      const saga = await app.sagas.start(CountingSaga, { n: 1 }, { metadata: { tenant: 'acme' } });
      await saga.result();
      expect(await saga.view()).toEqual({
        id: saga.id,
        name: 'counting',
        version: 1,
        key: 'n-1',
        status: 'completed',
        paused: false,
        input: { n: 1 },
        metadata: { tenant: 'acme' },
        failure: null,
        waitingFor: null,
        startedAt: expect.any(Date),
        endedAt: expect.any(Date),
        steps: [
          {
            step: 'count',
            kind: 'compensatable',
            after: [],
            status: 'succeeded',
            attempts: 1,
            result: { counted: 1, on: new Date('2026-01-01T00:00:00.000Z') },
            compensation: null,
            startedAt: expect.any(Date),
            endedAt: expect.any(Date),
          },
          {
            step: 'complain',
            kind: 'readonly',
            after: ['count'],
            status: 'skipped',
            attempts: 0,
            compensation: null,
            startedAt: null,
            endedAt: expect.any(Date),
          },
        ],
      });
    });

    it('a journal tells what happened, in order and without gaps', async () => {
      const app = await boot({ sagas: [CountingSaga] });
      const saga = await app.sagas.start(CountingSaga, { n: 1 });
      await saga.result();
      const at = expect.any(Date) as Date;
      expect(await saga.journal()).toEqual([
        { sequence: 1, at, kind: 'saga-started' },
        { sequence: 2, at, kind: 'attempt-started', step: 'count', direction: 'forward', attempt: 1 },
        {
          sequence: 3,
          at,
          kind: 'step-succeeded',
          step: 'count',
          details: { result: { counted: 1, on: new Date('2026-01-01T00:00:00.000Z') } },
        },
        { sequence: 4, at, kind: 'step-skipped', step: 'complain', details: { why: 'its condition (when) is not met' } },
        { sequence: 5, at, kind: 'saga-completed' },
      ]);
    });

    it('result({ timeout }) gives up in time, and the saga goes on', async () => {
      const app = await boot({ sagas: [SlowSaga] });
      const saga = await app.sagas.start(SlowSaga, {});
      const error = await errorOf(saga.result({ timeout: 20 }), SagaResultTimeoutError);
      expect(error).toMatchObject({ code: 'SAGA_RESULT_TIMEOUT', saga: 'slow', sagaId: saga.id });
      expect(error.message).toBe(`slow ${saga.id} has not ended within 20ms; it is running and goes on.`);
      expect(isSagaError(error)).toBe(true);
      await expect(saga.result({ timeout: '20ms' })).rejects.toThrow('has not ended within 20ms;');
      await expect(saga.result({ timeout: 'soon' as never })).rejects.toThrow('result({ timeout }) is "soon"; give milliseconds');
      world().gate('slow').open();
      expect(await saga.result({ timeout: '60d' })).toEqual({ wait: 'at last' });
    });

    it('what is not there is an error of its own, from every question', async () => {
      const app = await boot({ sagas: [SlowSaga] });
      for (const [id, mend] of Object.entries(MENDS)) {
        const saga = app.sagas.get(id);
        for (const ask of [() => saga.view(), () => saga.journal(), () => saga.result()]) {
          const error = await errorOf(ask(), SagaNotFoundError);
          expect(error).toMatchObject({ code: 'SAGA_NOT_FOUND', sagaId: id });
          expect(error.message).toBe(`There is no saga '${id}': ${mend}.`);
        }
      }
    });

    it('find() filters by name, status, key and time', async () => {
      const app = await boot({ sagas: [CountingSaga, SlowSaga] });
      const counting = await app.sagas.start(CountingSaga, { n: 1 });
      await counting.result();
      const slow = await app.sagas.start(SlowSaga, {});
      const ids = async (query: Parameters<typeof app.sagas.find>[0]) => (await app.sagas.find(query)).items.map(({ id }) => id);
      expect(await ids({ name: 'counting' })).toEqual([counting.id]);
      expect(await ids({ status: 'running' })).toEqual([slow.id]);
      expect(await ids({ status: ['running', 'completed'] })).toEqual([slow.id, counting.id]);
      expect(await ids({ status: [] })).toEqual([]);
      expect(await ids({ key: 'n-1' })).toEqual([counting.id]);
      const { startedAt } = await slow.view();
      expect(await ids({ startedBefore: new Date(startedAt.getTime() + 1), name: 'slow' })).toEqual([slow.id]);
      expect(await ids({ startedAfter: startedAt, name: 'slow' })).toEqual([]);
    });

    it('find() goes through all pages, newest first, each saga once', async () => {
      const app = await boot({ sagas: [CountingSaga] });
      const started: string[] = [];
      for (let n = 0; n < 7; n += 1) started.push((await app.sagas.start(CountingSaga, { n })).id);
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await app.sagas.find({ limit: 3, ...(cursor !== undefined && { cursor }) });
        pages.push(page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
      expect(pages.flat()).toEqual(started.toReversed());
      await expect(app.sagas.find({ cursor: 'nonsense' })).rejects.toThrow("'nonsense' is not the cursor of a list.");
    });
  });
}
