import { validate as isUuid } from 'uuid';

import { underTodaysNames } from '../definition/begun-under.js';
import type { RegisteredSaga } from '../definition/registered-saga.js';
import { resultOf } from '../planning/evaluate.js';
import { readableFailure } from '../planning/failure.js';
import { fold } from '../planning/fold.js';
import { JournalFault } from '../planning/journal-fault.js';
import type { Entry } from '../planning/journal.js';
import { decodePayload } from '../planning/payload.js';
import type { SagaState } from '../planning/state.js';
import { type SagaView, viewOf } from '../planning/view.js';
import type { SagaRow, SagaStore, StoredSaga } from '../store/saga-store.js';
import { hasEnded } from '../planning/saga-status.js';
import { SagaEmptiedError, SagaNotFoundError } from './caller-errors.js';
import { emptiedText, emptiedView } from './emptied.js';
import type { JournalEntry } from './saga-handle.js';
import type { SagaVersions, Standing } from './saga-versions.js';

/** Reads sagas for people: what the store has, in the words of the public surface. */
export class SagaReader {
  constructor(
    private readonly store: SagaStore,
    private readonly versions: SagaVersions,
  ) {}

  /** @throws SagaNotFoundError */
  async load(sagaId: string): Promise<StoredSaga> {
    return required(sagaId, isUuid(sagaId) ? await this.store.load(sagaId) : undefined);
  }

  /** The row alone. @throws SagaNotFoundError */
  async find(sagaId: string): Promise<SagaRow> {
    return required(sagaId, isUuid(sagaId) ? await this.store.find(sagaId) : undefined);
  }

  /** Under which definition it goes on here. @throws JournalFault */
  standingOf({ row, journal }: StoredSaga): Promise<Standing> {
    return this.versions.standingOf(row, fold(journal));
  }

  async view({ row, journal }: StoredSaga): Promise<SagaView> {
    if (row.emptied) return emptiedView(row);
    const state = readableState(journal);
    const standing = await this.versions.standingOf(row, state);
    const view = viewOf({ instance: row, state, paused: row.paused, definition: registeredOf(standing)?.definition });
    // Where the journal cannot be read, the row is what is known.
    const { status, failure } = row;
    const waitingFor =
      standing.kind === 'unknown' && isLeftAlone(row) ? ({ kind: 'definition', name: row.name } as const) : view.waitingFor;
    return { ...view, status, failure: failure && readableFailure(failure), waitingFor };
  }

  /** @throws SagaEmptiedError */
  journal({ row, journal }: StoredSaga): readonly JournalEntry[] {
    this.requireKept(row);
    return journal.map(entryForPeople);
  }

  /** Of all steps, by the names that they have in their class. @throws SagaEmptiedError */
  async results({ row, journal }: StoredSaga): Promise<Readonly<Record<string, unknown>>> {
    this.requireKept(row);
    const state = fold(journal);
    const registered = registeredOf(await this.versions.standingOf(row, state));
    return resultsOf(registered, state);
  }

  /** @throws SagaEmptiedError */
  requireKept(row: SagaRow): void {
    if (row.emptied) throw new SagaEmptiedError(`${emptiedText(row)}. view() shows what is left.`, { saga: row.name, sagaId: row.id });
  }
}

/** Of all steps, by the names that they have in their class. */
export function resultsOf(registered: RegisteredSaga | undefined, state: SagaState): Readonly<Record<string, unknown>> {
  const steps = registered?.definition.steps ?? Object.keys(state.steps).map((name) => ({ name, each: undefined }));
  const results = steps.map(({ name, each }) => [name, decodePayload(resultOf(state, name, each !== undefined))] as const);
  return underTodaysNames(registered ?? {}, Object.fromEntries(results));
}

const registeredOf = (standing: Standing): RegisteredSaga | undefined => (standing.kind === 'known' ? standing.registered : undefined);

/** Nobody runs it, though somebody could: it has not ended, and waits for no operator. */
const isLeftAlone = ({ status, owner }: SagaRow): boolean => !hasEnded(status) && status !== 'stuck' && owner === null;

function required<T>(sagaId: string, found: T | undefined): T {
  if (found !== undefined) return found;
  const why = isUuid(sagaId)
    ? 'look for it by its key; once it has ended it is deleted after `retention`'
    : 'a saga id is a UUID; by its key it is found with findByKey';
  throw new SagaNotFoundError(`There is no saga '${sagaId}': ${why}.`, { sagaId });
}

/** As far as the journal can be read. [R4] */
function readableState(journal: readonly Entry[]): SagaState {
  let state = fold([]);
  for (const entry of journal) {
    try {
      state = fold([entry], state);
    } catch (error) {
      if (error instanceof JournalFault) return state;
      throw error;
    }
  }
  return state;
}

function entryForPeople(entry: Entry): JournalEntry {
  const { sequence, at, kind, step, item, direction, attempt, by, ...rest } = entry as Entry & Partial<JournalEntry>;
  const details = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [
      name,
      name === 'retryAt' || name === 'dueAt' || name === 'quietUntil' ? new Date(value as number) : decodePayload(value as never),
    ]),
  );
  return {
    sequence,
    at: new Date(at),
    kind,
    ...(step !== undefined && { step }),
    ...(item !== undefined && { item }),
    ...(direction !== undefined && { direction }),
    ...(attempt !== undefined && { attempt }),
    ...(by !== undefined && { by: { ...by } }),
    ...(Object.keys(details).length > 0 && { details }),
  };
}
