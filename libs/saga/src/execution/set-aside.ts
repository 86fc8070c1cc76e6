import type { SagaInstance } from '../planning/definition.js';
import type { JournalFault } from '../planning/journal-fault.js';
import type { Entry } from '../planning/journal.js';
import type { Ownership, SagaStore } from '../store/saga-store.js';
import type { Observer } from './observation.js';
import type { SagaClock } from './saga-clock.js';

export interface FaultySaga {
  readonly instance: SagaInstance;
  readonly ownership: Ownership;
  /** Of its last entry. */
  readonly sequence: number;
  readonly pivotBegun: boolean;
}

/** A journal that cannot be read, or does not fit its definition, is a person's: the saga is stuck, and nothing else is. [R4] */
export async function setAside(
  { store, clock, observe }: { readonly store: SagaStore; readonly clock: SagaClock; readonly observe: Observer },
  { instance, ownership, sequence, pivotBegun }: FaultySaga,
  fault: JournalFault,
): Promise<void> {
  const failure = { kind: 'failed', code: fault.code, message: fault.message } as const;
  const entry: Entry = { kind: 'saga-stuck', failure, sequence: sequence + 1, at: clock.now() };
  const result = await store.checkpoint({
    sagaId: instance.id,
    ownership,
    entries: [entry],
    progress: { status: 'stuck', failure, pivotBegun, wakeAt: null, endedAt: null },
    release: true,
  });
  if (result.kind === 'passed') observe({ kind: 'recorded', saga: instance, entry });
}
