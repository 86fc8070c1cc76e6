import type { SagaFailure } from '../../planning/failure.js';
import type { Entry, EntryBody } from '../../planning/journal.js';
import type { StoredValue } from '../../planning/payload.js';
import type { SagaStatus } from '../../planning/saga-status.js';
import type { NewSaga, OwnedSaga, SagaRow, StoredSaga } from '../saga-store.js';
import type { Row } from './connections.js';

/** A saga's row, from `rowColumns`. */
export function readRow(row: Row): SagaRow {
  return {
    id: row['id'] as string,
    name: row['name'] as string,
    version: row['version'] as number,
    key: row['key'] as string | null,
    input: JSON.parse(row['input'] as string) as StoredValue,
    metadata: JSON.parse(row['metadata'] as string) as Record<string, string>,
    startedAt: readMs(row['started_at']),
    deadlineAt: readOptionalMs(row['deadline_at']),
    hash: row['hash'] as string,
    inputHash: row['input_hash'] as string,
    status: row['status'] as SagaStatus,
    paused: row['paused'] as boolean,
    failure: row['failure'] === null ? null : (JSON.parse(row['failure'] as string) as SagaFailure),
    pivotBegun: row['pivot_begun'] as boolean,
    owner: row['owner'] as string | null,
    epoch: row['epoch'] as number,
    revision: row['revision'] as number,
    wakeAt: readOptionalMs(row['wake_at']),
    endedAt: readOptionalMs(row['ended_at']),
    emptied: row['emptied'] as boolean,
    ...readParent(row),
  };
}

function readParent(row: Row): Pick<SagaRow, 'parent'> {
  if (row['parent_id'] === null) return {};
  const item = row['parent_item'] as number | null;
  const step = row['parent_step'] as string;
  return { parent: { sagaId: row['parent_id'] as string, step, ...(item !== null && { item }) } };
}

/** A saga with its journal, from `rowColumns` and `journalColumn`. */
export function readSaga(row: Row): StoredSaga {
  const journal = JSON.parse(row['journal'] as string) as [number, number, EntryBody][];
  return { row: readRow(row), journal: journal.map(([sequence, at, body]) => readEntry(sequence, at, body)) };
}

/** An entry, from `readJournalFrom`. */
export const readJournalRow = (row: Row): Entry =>
  readEntry(row['sequence'] as number, row['at'], JSON.parse(row['body'] as string) as EntryBody);

export const readOwned = (row: Row | undefined): readonly OwnedSaga[] =>
  JSON.parse((row?.['owned'] as string | undefined) ?? '[]') as OwnedSaga[];

export const readIds = (rows: readonly Row[]): string[] => rows.map((row) => row['id'] as string);

const readEntry = (sequence: number, at: unknown, body: EntryBody): Entry => ({ ...body, sequence, at: readMs(at) });

/** Times are whole milliseconds; what floating point added is taken away. */
export const readMs = (ms: unknown): number => Math.round(ms as number);

const readOptionalMs = (ms: unknown): number | null => (ms === null ? null : readMs(ms));

/** Entries as three lists of equal length: one statement takes any number of them. */
export interface EntryLists {
  readonly sequences: readonly number[];
  readonly times: readonly number[];
  readonly bodies: readonly string[];
}

export function listEntries(entries: readonly Entry[]): EntryLists {
  return { sequences: entries.map(({ sequence }) => sequence), times: entries.map(({ at }) => at), bodies: entries.map(bodyText) };
}

/** What is stored of an entry, character by character: an entry is found again by it. */
export function bodyText({ sequence: _sequence, at: _at, ...body }: Entry): string {
  return JSON.stringify(body);
}

/** The parameters of `insertSaga`. */
export function newSagaParameters({ instance, hash, inputHash, progress, entries, owner }: NewSaga): readonly unknown[] {
  const { id, name, version, key, input, metadata, startedAt, deadlineAt, parent } = instance;
  const { status, failure, pivotBegun, wakeAt, endedAt } = progress;
  const { sequences, times, bodies } = listEntries(entries);
  const parentOf = [parent?.sagaId ?? null, parent?.step ?? null, parent?.item ?? null];
  const head = [id, name, version, hash, key, inputHash, status, pivotBegun, owner, owner === null ? 0 : 1];
  const payloads = [JSON.stringify(input), JSON.stringify(metadata), jsonOrNull(failure)];
  return [...head, wakeAt, startedAt, deadlineAt, endedAt, ...payloads, sequences, times, bodies, ...parentOf];
}

export const jsonOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** Asked for an id that is none, PostgreSQL would answer with an error; there is no such saga. */
export const isUuid = (id: string): boolean => UUID.test(id);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
