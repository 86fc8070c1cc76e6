import type { EventBus } from '@nestjs/cqrs';

import type { Observation, Observer } from '../execution/observation.js';
import { readableFailure } from '../planning/failure.js';
import {
  SagaAlertEvent,
  SagaCompensatedEvent,
  SagaCompensatingEvent,
  SagaCompletedEvent,
  type SagaLifecycleEvent,
  SagaStartedEvent,
  SagaStuckEvent,
} from './lifecycle-events.js';

/** Publishes lifecycle events. A handler that throws changes nothing in the saga. [R33] */
export const lifecyclePublisher =
  (eventBus: () => EventBus | undefined): Observer =>
  (observation) => {
    const event = lifecycleEventOf(observation);
    if (event !== undefined) void eventBus()?.publish(event);
  };

function lifecycleEventOf(observation: Observation): SagaLifecycleEvent | undefined {
  if (observation.kind !== 'recorded') return undefined;
  const { saga, entry } = observation;
  const facts = { sagaId: saga.id, name: saga.name, key: saga.key, metadata: { ...saga.metadata }, at: new Date(entry.at) };
  switch (entry.kind) {
    case 'saga-started':
      return new SagaStartedEvent(facts);
    case 'saga-completed':
      return new SagaCompletedEvent(facts);
    case 'unwinding-began':
      return new SagaCompensatingEvent(facts, readableFailure(entry.failure));
    case 'saga-compensated':
      return new SagaCompensatedEvent(facts, readableFailure(entry.failure));
    case 'saga-stuck':
      return new SagaStuckEvent(facts, readableFailure(entry.failure));
    case 'alert-raised':
      return new SagaAlertEvent(facts, entry.step ?? null, entry.message);
    default:
      return undefined;
  }
}
