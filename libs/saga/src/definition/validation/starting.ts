import type { SagaFault } from '../saga-definition.error.js';
import { startRulesOf } from '../start-rules.js';
import { fault, type Subject } from './subject.js';

/** A message finds its saga by the key: one that is delivered twice must not start two. [R6, R27] */
export function* checkStarting(subject: Subject): Iterable<SagaFault> {
  const { options, steps } = subject.metadata;
  for (const { message } of startRulesOf(options)) {
    if (typeof message !== 'function')
      yield fault(subject, 'is started by undefined: that file is not loaded yet. Break the circular import.');
    else if (options.key === undefined) yield fault(subject, `is started by ${message.name}, but has no key. Add key: (input) => ….`);
  }
  for (const step of steps) {
    if (step.via !== 'event') continue;
    if (typeof step.event !== 'function') {
      yield fault(subject, 'awaits undefined: that file is not loaded yet. Break the circular import.', step.method);
      continue;
    }
    if (options.key === undefined)
      yield fault(subject, `awaits ${step.event.name}, but the saga has no key. Add @SagaDefinition({ key: (input) => … }).`, step.method);
    if (typeof step.key !== 'function')
      yield fault(subject, `awaits ${step.event.name} without saying whose. Add key: (event) => ….`, step.method);
  }
}
