import type { Type } from '@nestjs/common';

import type { SagaFault } from '../saga-definition.error.js';
import { startRulesOf } from '../start-rules.js';
import { className, fault, type Subject } from './subject.js';

/** By command class, the name of the class that handles it. */
export type CommandHandlers = ReadonlyMap<Type<object>, string>;

/** The same name and version twice. */
export function* checkUnique(subjects: readonly Subject[]): Iterable<SagaFault> {
  const first = new Map<string, Subject>();
  for (const subject of subjects) {
    const { name, version = 1 } = subject.metadata.options;
    const key = JSON.stringify([name, version]);
    const other = first.get(key);
    if (other === undefined) first.set(key, subject);
    else if (name)
      yield fault(subject, `has the name and version of ${className(other)}: '${name}', version ${version}. Give one of them another.`);
  }
}

/** A command has one answer: the id of one saga, or what one handler returns. Versions of a saga count as one. [R23] */
export function* checkCommands(subjects: readonly Subject[], handlers: CommandHandlers): Iterable<SagaFault> {
  const starters = new Map<Type<object>, Subject>();
  for (const subject of subjects) {
    const { options } = subject.metadata;
    for (const { message, kind } of startRulesOf(options)) {
      const handler = handlers.get(message);
      if (handler !== undefined) yield fault(subject, `${message.name} starts saga ${options.name} and also has ${handler}. Remove one.`);
      if (kind !== 'command') continue;
      const other = starters.get(message);
      starters.set(message, other ?? subject);
      if (other === undefined || other.metadata.options.name === options.name) continue;
      yield fault(
        subject,
        `is started by ${message.name}, which starts ${className(other)} already. A command starts one saga: use two commands, or an event.`,
      );
    }
  }
}
