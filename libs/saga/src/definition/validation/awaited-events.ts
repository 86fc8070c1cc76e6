import type { SagaFault } from '../saga-definition.error.js';
import { className, fault, type Subject } from './subject.js';

interface Awaiting {
  readonly subject: Subject;
  readonly step: string;
  readonly event: unknown;
}

/**
 * Events are kept by the name of the saga, whatever its version, and the name of their class: of two classes of one name the one's event
 * would end the wait for the other, with the wrong payload. Sagas of different names do not meet. [R12, R27]
 */
export function* checkAwaitedEvents(subjects: readonly Subject[]): Iterable<SagaFault> {
  const first = new Map<string, Awaiting>();
  for (const subject of subjects) {
    const { steps, options } = subject.metadata;
    for (const step of steps) {
      if (step.via !== 'event' || typeof step.event !== 'function') continue;
      const { event, method } = step;
      const key = JSON.stringify([options.name, event.name]);
      const other = first.get(key);
      if (other === undefined) first.set(key, { subject, step: method, event });
      else if (other.event !== event) yield fault(subject, messageOf(event.name, subject, other), method);
    }
  }
}

function messageOf(event: string, subject: Subject, other: Awaiting): string {
  const of = ({ metadata: { options } }: Subject): string => `version ${options.version ?? 1} of '${options.name}'`;
  return (
    `(${of(subject)}) awaits ${event}, and ${className(other.subject)}.${other.step} (${of(other.subject)}) awaits another class of that name: ` +
    'an event for the one would end the wait of the other. Await the same class, or rename the newer one.'
  );
}
