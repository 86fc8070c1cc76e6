import type { Type } from '@nestjs/common';
import { Command } from '@nestjs/cqrs';

import type { SagaStartRule } from './registered-saga.js';
import type { SagaDefinitionOptions } from './saga-definition.decorator.js';
import { StartRule } from './start-rule.js';

/** What `startedBy` says, one rule a message. */
export function startRulesOf({ startedBy }: SagaDefinitionOptions): readonly SagaStartRule[] {
  const listed = startedBy === undefined ? [] : [startedBy].flat();
  return listed.map((rule): SagaStartRule => {
    if (!(rule instanceof StartRule)) return makeRule(rule as Type<object>, (message) => message);
    return makeRule(rule.message as Type<object>, rule.inputOf as SagaStartRule['inputOf']);
  });
}

function makeRule(message: Type<object>, inputOf: SagaStartRule['inputOf']): SagaStartRule {
  return { message, kind: isCommand(message) ? 'command' : 'event', inputOf };
}

/** `prototype` is missing where an import was not loaded yet; validation says so. */
function isCommand(message: Type<object> | undefined): boolean {
  return (message?.prototype as unknown) instanceof Command;
}
