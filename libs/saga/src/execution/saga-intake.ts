import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaRegistry } from '../definition/saga-registry.js';
import type { SagaInstance } from '../planning/definition.js';
import { fold } from '../planning/fold.js';
import { graphOf } from '../planning/graph.js';
import { JournalFault } from '../planning/journal-fault.js';
import type { Entry } from '../planning/journal.js';
import type { SagaRow, SagaStore, StoredSaga } from '../store/saga-store.js';
import type { Observer } from './observation.js';
import type { SagaClock } from './saga-clock.js';
import type { OwnedSagaState } from './run-host.js';
import { setAside } from './set-aside.js';

interface IntakeParts {
  readonly store: SagaStore;
  readonly clock: SagaClock;
  readonly registry: SagaRegistry;
  readonly observe: Observer;
}

/** Reads a claimed saga into memory: its journal is folded, or it is set aside for a person. */
export class SagaIntake {
  constructor(private readonly parts: IntakeParts) {}

  /** Undefined: it is not to be run here. */
  async read(stored: StoredSaga): Promise<OwnedSagaState | undefined> {
    const { row, journal } = stored;
    const registered = this.parts.registry.get(row.name, row.version);
    if (registered === undefined || row.owner === null) return undefined;
    const ownership = { owner: row.owner, epoch: row.epoch, revision: row.revision };
    try {
      const state = fold(journal);
      requireKnownSteps(journal, registered);
      this.tellOfStart(stored);
      return { registered, instance: instanceOf(row), state, ownership, paused: row.paused };
    } catch (error) {
      if (!(error instanceof JournalFault)) throw error;
      const sequence = journal.at(-1)?.sequence ?? 0;
      await setAside(this.parts, { instance: instanceOf(row), ownership, sequence, pivotBegun: row.pivotBegun }, error);
      return undefined;
    }
  }

  /** Of a saga that was started by a caller's transaction, when a node sees it for the first time. [R33] */
  private tellOfStart({ row, journal: [first] }: StoredSaga): void {
    if (row.epoch === 1 && first !== undefined) this.parts.observe({ kind: 'recorded', saga: instanceOf(row), entry: first });
  }
}

function requireKnownSteps(journal: readonly Entry[], { definition }: RegisteredSaga): void {
  const { byName } = graphOf(definition);
  for (const entry of journal) {
    if (!('step' in entry) || entry.step === undefined || byName.has(entry.step)) continue;
    throw new JournalFault(entry, `names a step that version ${definition.version} of ${definition.name} does not have here`);
  }
}

const instanceOf = ({ id, name, version, key, input, metadata, startedAt, deadlineAt }: SagaRow): SagaInstance => ({
  id,
  name,
  version,
  key,
  input,
  metadata,
  startedAt,
  deadlineAt,
});
