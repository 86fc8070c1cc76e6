import type { Entry } from '../planning/journal.js';
import { SagaStoreError } from './store-errors.js';

/** A gap or a repetition in a journal would make every later fold fail: refused before it is written. [R4] */
export function assertContiguous(sagaId: string, entries: readonly Entry[], first: number): void {
  const wrong = entries.find((entry, index) => entry.sequence !== first + index);
  if (wrong === undefined) return;
  throw new SagaStoreError(
    `Entry ${wrong.kind} of saga ${sagaId} has sequence ${wrong.sequence}; the next one is ${first + entries.indexOf(wrong)}.`,
    { sagaId },
  );
}
