import type { Entry } from './journal.js';
import { SagaError } from './saga-error.js';

/** A journal has an entry that cannot follow the ones before it. The saga is left alone until a person has looked. [R4] */
export class JournalFault extends SagaError {
  readonly code = 'SAGA_JOURNAL_FAULT';
  readonly sequence: number;

  constructor(entry: Entry, why: string) {
    super(`journal entry ${entry.sequence} (${entry.kind}${describeNode(entry)}) ${why}`);
    this.sequence = entry.sequence;
  }
}

function describeNode(entry: Entry): string {
  if (!('step' in entry) || entry.step === undefined) return '';
  return ` of ${entry.step}${entry.item === undefined ? '' : `[${entry.item}]`}`;
}
