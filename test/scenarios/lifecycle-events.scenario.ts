import { EventBus, EventsHandler, type IEventHandler } from '@nestjs/cqrs';
import {
  Compensate,
  CompensationContext,
  SagaClient,
  SagaCompensatedError,
  SagaCompensatedEvent,
  SagaCompensatingEvent,
  SagaCompletedEvent,
  SagaContext,
  SagaDefinition,
  type SagaLifecycleEvent,
  SagaStartedEvent,
  SagaStep,
  SagaStuckError,
  SagaStuckEvent,
  StepRejected,
} from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type StoryStore } from '../support/saga-app.js';
import { World } from '../support/world.js';

type End = 'completed' | 'compensated' | 'stuck';

@SagaDefinition<{ end: End }>({ name: 'tour', retry: { attempts: 3 } })
class TourSaga {
  @SagaStep()
  async hire() {
    return 'guide';
  }

  @Compensate('hire')
  async dismiss({ input }: CompensationContext<{ end: End }>) {
    if (input.end === 'stuck') throw new StepRejected('GONE', 'the guide is gone');
  }

  @SagaStep({ kind: 'readonly' })
  async walk({ input, attempt }: SagaContext<{ end: End }>) {
    if (attempt === 1) throw new Error('it rains');
    if (input.end !== 'completed') throw new StepRejected('TOO_FAR', 'it is too far');
  }
}

/** Looks up in the store what it is told. */
@EventsHandler(SagaStartedEvent, SagaCompensatingEvent, SagaCompletedEvent, SagaCompensatedEvent, SagaStuckEvent)
class Bystander implements IEventHandler<SagaLifecycleEvent> {
  constructor(
    private readonly sagas: SagaClient,
    private readonly world: World,
  ) {}

  async handle(event: SagaLifecycleEvent): Promise<void> {
    const journal = await this.sagas.get(event.sagaId).journal();
    const kind = KINDS[event.constructor.name];
    this.world.did(`${event.constructor.name}: ${journal.some((entry) => entry.kind === kind) ? 'durable' : 'not durable'}`);
    Object.assign(event.metadata, { tenant: 'spoilt' });
    throw new Error('the bystander stumbles');
  }
}

const fail = (): never => {
  throw new Error('the broker is away');
};

const KINDS: Readonly<Record<string, string>> = {
  SagaStartedEvent: 'saga-started',
  SagaCompensatingEvent: 'unwinding-began',
  SagaCompletedEvent: 'saga-completed',
  SagaCompensatedEvent: 'saga-compensated',
  SagaStuckEvent: 'saga-stuck',
};

const EVENTS: Readonly<Record<End, readonly string[]>> = {
  completed: ['SagaStartedEvent', 'SagaCompletedEvent'],
  compensated: ['SagaStartedEvent', 'SagaCompensatingEvent', 'SagaCompensatedEvent'],
  stuck: ['SagaStartedEvent', 'SagaCompensatingEvent', 'SagaStuckEvent'],
};

export function tellLifecycleEvents(store: StoryStore): void {
  describeStory('lifecycle events', store, ({ boot, world }) => {
    it.each(Object.keys(EVENTS) as End[])(
      'R33: a saga that ends %s: each event after it is durable, in order, and a handler that throws changes nothing',
      async (end) => {
        const app = await boot({ sagas: [TourSaga], providers: [Bystander] });
        const saga = await app.sagas.start(TourSaga, { end }, { key: 't-1', metadata: { tenant: 'acme' } });
        if (end === 'completed') await saga.result();
        else await errorOf<Error>(saga.result(), end === 'stuck' ? SagaStuckError : SagaCompensatedError);
        await eventually(
          () => world().deeds.length,
          (length) => length === EVENTS[end].length,
        );
        expect(world().deeds.toSorted()).toEqual(EVENTS[end].map((name) => `${name}: durable`).toSorted());
        expect(app.heard.map((event) => event.constructor.name)).toEqual(EVENTS[end]);
        for (const event of app.heard) {
          expect(event).toMatchObject({ sagaId: saga.id, name: 'tour', key: 't-1', at: expect.any(Date) });
        }
        expect((await saga.view()).metadata).toEqual({ tenant: 'acme' });
      },
    );

    it.each([
      ['throws', () => fail()],
      ['rejects', async () => fail()],
    ])('R33: an event publisher that %s is told in the log, and changes nothing', async (_how, publish) => {
      const app = await boot({ sagas: [TourSaga] });
      app.get(EventBus).publisher = { publish };
      const saga = await app.sagas.start(TourSaga, { end: 'completed' });
      await saga.result();
      const lines = await eventually(
        () => app.logger.lines.filter(({ level, text }) => level === 'error' && text.includes('the broker is away')),
        ({ length }) => length === 2,
      );
      expect(lines).toMatchObject([
        { context: 'Saga', text: 'could not publish SagaStartedEvent: the broker is away', fields: { saga: 'tour', sagaId: saga.id } },
        { context: 'Saga', text: 'could not publish SagaCompletedEvent: the broker is away', fields: { saga: 'tour', sagaId: saga.id } },
      ]);
    });

    it('R33: an event says why; the failure is the one that result() rejects with', async () => {
      const app = await boot({ sagas: [TourSaga] });
      const saga = await app.sagas.start(TourSaga, { end: 'stuck' });
      const { failure } = await errorOf(saga.result(), SagaStuckError);
      expect(app.heard.at(-1)).toMatchObject({ failure });
      expect(app.heard.at(1)).toMatchObject({ failure: { step: 'walk', message: 'it is too far' } });
    });

    it('a delayed saga is told of when it is seen for the first time', async () => {
      const app = await boot({ sagas: [TourSaga] });
      const saga = await app.sagas.start(TourSaga, { end: 'completed' }, { delay: 30 });
      expect(app.heard).toEqual([]);
      await saga.result();
      expect(app.heard.map((event) => event.constructor.name)).toEqual(EVENTS.completed);
    });

    it('the log has saga, step, attempt and the metadata of the start as fields', async () => {
      const app = await boot({ sagas: [TourSaga] });
      const saga = await app.sagas.start(TourSaga, { end: 'compensated' }, { key: 't-1', metadata: { tenant: 'acme' } });
      await errorOf(saga.result(), SagaCompensatedError);
      const fields = { saga: 'tour', sagaId: saga.id, key: 't-1', metadata: { tenant: 'acme' } };
      expect(app.log(saga)).toEqual([
        { level: 'debug', context: 'Saga', text: 'started', fields },
        {
          level: 'warn',
          context: 'Saga',
          text: expect.stringMatching(/^attempt failed, tried again in \d+ms: it rains$/),
          fields: { ...fields, step: 'walk', direction: 'forward', attempt: 1 },
        },
        { level: 'warn', context: 'Saga', text: 'outcome unknown: it is too far', fields: { ...fields, step: 'walk' } },
        { level: 'warn', context: 'Saga', text: 'unwinds: walk rejected (TOO_FAR): it is too far', fields },
        { level: 'warn', context: 'Saga', text: 'compensated: walk rejected (TOO_FAR): it is too far', fields },
      ]);
    });
  });
}
