import type { SagaInstance } from '../planning/definition.js';
import { fold } from '../planning/fold.js';
import { JournalFault } from '../planning/journal-fault.js';
import type { Entry } from '../planning/journal.js';
import type { Ownership, SagaRow, SagaStore, StoredSaga } from '../store/saga-store.js';
import { leaveAlone } from './leave-alone.js';
import type { Observer } from './observation.js';
import type { OwnedSagaState } from './run-host.js';
import type { SagaClock } from './saga-clock.js';
import type { SagaVersions, Standing } from './saga-versions.js';
import { setAside } from './set-aside.js';

interface IntakeParts {
  readonly store: SagaStore;
  readonly clock: SagaClock;
  readonly versions: SagaVersions;
  readonly observe: Observer;
}

/** A saga that this node has claimed. */
interface Claimed extends StoredSaga {
  readonly ownership: Ownership;
}

export interface TakenIn extends OwnedSagaState {
  /** Hash of the graph that it goes on under here, where that is not the one that it ran under so far. [R23] */
  readonly changedTo?: string;
}

/** Reads a claimed saga into memory: its journal is folded, or it is set aside for a person, or left alone for another node. */
export class SagaIntake {
  /** Ids of sagas that were left alone: each is told of once. */
  private readonly leftAlone = new Set<string>();

  constructor(private readonly parts: IntakeParts) {}

  get countLeftAlone(): number {
    return this.leftAlone.size;
  }

  /** Undefined: it is not to be run here. */
  async read({ row, journal }: StoredSaga): Promise<TakenIn | undefined> {
    if (row.owner === null) return undefined;
    const ownership = { owner: row.owner, epoch: row.epoch, revision: row.revision };
    const claimed: Claimed = { row, journal, ownership };
    try {
      const state = fold(journal);
      const standing = await this.parts.versions.standingOf(row, state);
      if (standing.kind === 'damaged') throw strangeEntry(claimed, standing.step);
      this.tellOfStart(claimed);
      if (standing.kind === 'unknown') return await this.leave(claimed, standing);
      const { registered, changedTo } = standing;
      if (changedTo !== undefined) await this.parts.versions.remember(registered);
      this.leftAlone.delete(row.id);
      const owned = { registered, instance: instanceOf(row), state, ownership, paused: row.paused };
      return changedTo === undefined ? owned : { ...owned, changedTo };
    } catch (error) {
      if (!(error instanceof JournalFault)) throw error;
      const sequence = journal.at(-1)?.sequence ?? 0;
      await setAside(this.parts, { instance: instanceOf(row), ownership, sequence, pivotBegun: row.pivotBegun }, error);
      return undefined;
    }
  }

  /** Of a saga that was started by a caller's transaction, when a node sees it for the first time. [R33] */
  private tellOfStart({ row, journal: [first] }: StoredSaga): void {
    if (row.epoch === 1 && first !== undefined && !this.leftAlone.has(row.id))
      this.parts.observe({ kind: 'recorded', saga: instanceOf(row), entry: first });
  }

  private async leave(claimed: Claimed, { step, why }: Extract<Standing, { kind: 'unknown' }>): Promise<TakenIn | undefined> {
    const { row } = claimed;
    if (!this.leftAlone.has(row.id))
      this.parts.observe({ kind: 'left-alone', saga: instanceOf(row), why, ...(step !== undefined && { step }) });
    this.leftAlone.add(row.id);
    if ((await leaveAlone(this.parts, claimed)) !== 'changed') return undefined;
    // Cancelled meanwhile, it may need less than it did.
    const now = await this.parts.store.load(row.id);
    return now?.row.owner === row.owner && now.row.epoch === row.epoch ? this.read(now) : undefined;
  }
}

function strangeEntry({ row, journal }: StoredSaga, step: string): JournalFault {
  const entry = journal.find((one) => 'step' in one && one.step === step) as Entry;
  return new JournalFault(entry, `names a step that version ${row.version} of ${row.name} did not have`);
}

export const instanceOf = ({ id, name, version, key, input, metadata, startedAt, deadlineAt, parent }: SagaRow): SagaInstance => ({
  id,
  name,
  version,
  key,
  input,
  metadata,
  startedAt,
  deadlineAt,
  ...(parent && { parent }),
});
