import { Logger } from '@nestjs/common';
import type { EventBus } from '@nestjs/cqrs';

import type { Observation, Observer } from '../execution/observation.js';
import type { SagaInstance } from '../planning/definition.js';
import { errorRecordOf } from '../planning/error-record.js';
import { readableFailure } from '../planning/failure.js';
import type { Entry } from '../planning/journal.js';
import {
  type LifecycleFacts,
  SagaAlertEvent,
  SagaCompensatedEvent,
  SagaCompensatingEvent,
  SagaCompletedEvent,
  type SagaLifecycleEvent,
  SagaStartedEvent,
  SagaStuckEvent,
} from './lifecycle-events.js';

/** Publishes lifecycle events. A handler or publisher that throws, at once or later, changes nothing in the saga. [R33] */
export function lifecyclePublisher(eventBus: () => EventBus | undefined): Observer {
  const logger = new Logger('Saga');
  const publish = async (event: SagaLifecycleEvent): Promise<void> => {
    try {
      await eventBus()?.publish(event);
    } catch (error) {
      logger.error(`could not publish ${event.constructor.name}: ${errorRecordOf(error).message}`, {
        saga: event.name,
        sagaId: event.sagaId,
        metadata: event.metadata,
      });
    }
  };
  return (observation) => {
    const event = lifecycleEventOf(observation);
    if (event !== undefined) void publish(event);
  };
}

function lifecycleEventOf(observation: Observation): SagaLifecycleEvent | undefined {
  if (observation.kind !== 'recorded') return undefined;
  const { saga, entry } = observation;
  switch (entry.kind) {
    case 'saga-started':
      return new SagaStartedEvent(factsOf(saga, entry));
    case 'saga-completed':
      return new SagaCompletedEvent(factsOf(saga, entry));
    case 'unwinding-began':
      return new SagaCompensatingEvent(factsOf(saga, entry), readableFailure(entry.failure));
    case 'saga-compensated':
      return new SagaCompensatedEvent(factsOf(saga, entry), readableFailure(entry.failure));
    case 'saga-stuck':
      return new SagaStuckEvent(factsOf(saga, entry), readableFailure(entry.failure));
    case 'alert-raised':
      return new SagaAlertEvent(factsOf(saga, entry), entry.step ?? null, entry.message);
    default:
      return undefined;
  }
}

const factsOf = (saga: SagaInstance, { at }: Entry): LifecycleFacts => ({
  sagaId: saga.id,
  name: saga.name,
  key: saga.key,
  metadata: { ...saga.metadata },
  at: new Date(at),
});
