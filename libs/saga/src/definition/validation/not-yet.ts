import type { SagaFault } from '../saga-definition.error.js';
import { fault, type Subject } from './subject.js';

/** What the decorators take and the executor does not run yet. Each goes away with the feature. */
export function* checkNotYet(subject: Subject): Iterable<SagaFault> {
  for (const step of subject.metadata.steps) {
    if (step.options.kind === 'child')
      yield fault(
        subject,
        "is of kind: 'child', which is not supported by this version yet. Start the other saga with SagaClient.",
        step.method,
      );
  }
}
