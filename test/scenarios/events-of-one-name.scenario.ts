import { EventBus } from '@nestjs/cqrs';
import { AwaitEvent, SagaContext, SagaDefinition } from 'nestjs-sagas';

import { describeStory, type StoryStore } from '../support/saga-app.js';

interface Journey {
  readonly journeyId: string;
}
const key = ({ journeyId }: Journey): string => journeyId;

/** Two teams, and each has a class of this name. */
const air = {
  Arrived: class Arrived implements Journey {
    constructor(
      readonly journeyId: string,
      readonly gate: string,
    ) {}
  },
};
const sea = {
  Arrived: class Arrived implements Journey {
    constructor(
      readonly journeyId: string,
      readonly pier: number,
    ) {}
  },
};

@SagaDefinition({ name: 'flight', key })
class FlightSaga {
  @AwaitEvent(air.Arrived, { key })
  arrive(_: SagaContext<Journey>, { gate }: { gate: string }) {
    return `gate ${gate}`;
  }
}

@SagaDefinition({ name: 'voyage', key })
class VoyageSaga {
  @AwaitEvent(sea.Arrived, { key })
  arrive(_: SagaContext<Journey>, { pier }: { pier: number }) {
    return `pier ${pier}`;
  }
}

@SagaDefinition({ name: 'voyage', version: 2, key })
class QuickVoyageSaga {
  @AwaitEvent(sea.Arrived, { key })
  land(_: SagaContext<Journey>, { pier }: { pier: number }) {
    return `quickly at ${pier}`;
  }
}

export function tellEventsOfOneName(store: StoryStore): void {
  describeStory('events of two classes with one name', store, ({ boot }) => {
    it('R27: each settles the wait for its class, though the keys are the same; versions that wait for one class share its events', async () => {
      const app = await boot({ sagas: [FlightSaga, VoyageSaga, QuickVoyageSaga] });
      const bus = app.get(EventBus);
      const flight = await app.sagas.start(FlightSaga, { journeyId: 'one' });
      const voyage = await app.sagas.start(VoyageSaga, { journeyId: 'one' });
      const quick = await app.sagas.start(QuickVoyageSaga, { journeyId: 'two' });
      bus.publish(new sea.Arrived('one', 7));
      expect(await voyage.result()).toEqual({ arrive: 'pier 7' });
      expect(await flight.view()).toMatchObject({ status: 'running' });
      bus.publish(new air.Arrived('one', 'B'));
      bus.publish(new sea.Arrived('two', 8));
      expect([await flight.result(), await quick.result()]).toEqual([{ arrive: 'gate B' }, { land: 'quickly at 8' }]);
    });
  });
}
