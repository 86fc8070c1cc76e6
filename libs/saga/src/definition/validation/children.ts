import type { SagaFault } from '../saga-definition.error.js';
import { fault, type Subject } from './subject.js';

/** What a step that runs a child cannot be besides. [R31] */
export function* checkChildren(subject: Subject): Iterable<SagaFault> {
  for (const { name, kind, metadata } of subject.graph.steps) {
    if (kind !== 'child') continue;
    if (metadata.via !== 'call')
      yield fault(subject, "waits, and is of kind: 'child'. Let it wait, and run the child in a step of its own after it.", name);
    else if (metadata.options.transactional)
      yield fault(subject, "is transactional, and of kind: 'child': the child would not roll back with it. Remove transactional.", name);
  }
}
