import { Logger } from '@nestjs/common';
import type { EventBus } from '@nestjs/cqrs';

import type { Observation, Observer } from '../execution/observation.js';
import { errorRecordOf } from '../planning/error-record.js';
import { readableFailure } from '../planning/failure.js';
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
  const facts = (): LifecycleFacts => ({
    sagaId: saga.id,
    name: saga.name,
    key: saga.key,
    metadata: { ...saga.metadata },
    at: new Date(entry.at),
  });
  switch (entry.kind) {
    case 'saga-started':
      return new SagaStartedEvent(facts());
    case 'saga-completed':
      return new SagaCompletedEvent(facts());
    case 'unwinding-began':
      return new SagaCompensatingEvent(facts(), readableFailure(entry.failure));
    case 'saga-compensated':
      return new SagaCompensatedEvent(facts(), readableFailure(entry.failure));
    case 'saga-stuck':
      return new SagaStuckEvent(facts(), readableFailure(entry.failure));
    case 'alert-raised':
      return new SagaAlertEvent(facts(), entry.step ?? null, entry.message);
    default:
      return undefined;
  }
}
