import type { ModulesContainer } from '@nestjs/core';
import { CommandBus, EventBus } from '@nestjs/cqrs';

import { instancesOf } from '../definition/provided-instances.js';
import { type MessageBuses, SagaWiringError } from './message-starter.js';

/** The application's own buses: the library imports no CqrsModule, which would give it others. Call it from `onModuleInit` on. */
export function findBuses(modules: ModulesContainer): MessageBuses {
  return {
    commandBus: onlyOne(instancesOf(modules, CommandBus), 'CommandBus'),
    eventBus: onlyOne(instancesOf(modules, EventBus), 'EventBus'),
  };
}

function onlyOne<T>(found: ReadonlySet<T>, name: string): T | undefined {
  const [first] = found;
  if (found.size <= 1) return first;
  throw new SagaWiringError(
    `There are ${found.size === 2 ? 'two' : found.size} ${name === 'CommandBus' ? 'CommandBuses' : 'EventBuses'}: CqrsModule and CqrsModule.forRoot() are both imported. Keep forRoot(), once.`,
  );
}
