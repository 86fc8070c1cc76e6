import type { SagaFailure } from '../../planning/failure.js';
import type { Entry } from '../../planning/journal.js';
import type { StoredValue } from '../../planning/payload.js';
import type { SagaStatus } from '../../planning/saga-status.js';
import type { NewSaga, OwnedSaga, SagaRow, StoredSaga } from '../saga-store.js';
import type { Row } from './connection.js';

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
    inputHash: row['input_hash'] as string | null,
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
  const journal = JSON.parse(row['journal'] as string) as [number, number, unknown][];
  return { row: readRow(row), journal: journal.flatMap(([sequence, at, entries]) => readEntries(sequence, at, entries)) };
}

/** Entries of one row, from `readJournalFrom`. */
export const readJournalRow = (row: Row): readonly Entry[] =>
  readEntries(row['sequence'] as number, row['at'], JSON.parse(row['entries'] as string));

export const readOwned = (row: Row | undefined): readonly OwnedSaga[] =>
  JSON.parse((row?.['owned'] as string | undefined) ?? '[]') as OwnedSaga[];

export const readIds = (rows: readonly Row[]): string[] => rows.map((row) => row['id'] as string);

/** What is no list was spoiled by hand: one entry, which whoever folds it names. [R4] */
export const readEntries = (sequence: number, at: unknown, entries: unknown): readonly Entry[] =>
  (Array.isArray(entries) ? entries : [entries]).map(
    (body: object | null, index) => ({ ...directed(body), sequence: sequence + index, at: readMs(at) }) as Entry,
  );

const directed = (body: object | null): object | null =>
  body !== null && 'attempt' in body && !('direction' in body) ? { ...body, direction: 'forward' } : body;

/** Times are whole milliseconds; what floating point added is taken away. */
export const readMs = (ms: unknown): number => Math.round(ms as number);

const readOptionalMs = (ms: unknown): number | null => (ms === null ? null : readMs(ms));

/** A row of the journal: what was written at one moment. */
export interface JournalRow {
  /** Of the first entry. */
  readonly sequence: number;
  readonly at: number;
  /** A JSON list, character by character as it is stored: it is found again by it. */
  readonly entries: string;
}

export function journalRows(entries: readonly Entry[]): readonly JournalRow[] {
  const rows: JournalRow[] = [];
  for (let from = 0; from < entries.length;) {
    const { sequence, at } = entries[from] as Entry;
    const other = entries.findIndex((entry, index) => index > from && entry.at !== at);
    const to = other === -1 ? entries.length : other;
    rows.push({ sequence, at, entries: JSON.stringify(entries.slice(from, to).map(bodyOf)) });
    from = to;
  }
  return rows;
}

/** What the row says is not said again, and neither is what nearly every attempt has: that it goes forward. */
const bodyOf = (entry: Entry): object => ({
  ...entry,
  sequence: undefined,
  at: undefined,
  ...('direction' in entry && entry.direction === 'forward' && { direction: undefined }),
});

/** Rows of the journal as three lists of equal length: one statement takes any number of them. */
export interface JournalLists {
  readonly sequences: readonly number[];
  readonly times: readonly number[];
  readonly texts: readonly string[];
}

export function listEntries(entries: readonly Entry[]): JournalLists {
  const rows = journalRows(entries);
  return { sequences: rows.map(({ sequence }) => sequence), times: rows.map(({ at }) => at), texts: rows.map((row) => row.entries) };
}

/** The parameters of `insertSaga`. */
export function newSagaParameters(saga: NewSaga): readonly unknown[] {
  const { sequences, times, texts } = listEntries(saga.entries);
  return newSagaColumns(saga, [sequences, times, texts]);
}

/** @param journal the sequence, time and text of its entries: a list each, or one each for `insertLoneSaga` */
export function newSagaColumns({ instance, hash, inputHash, progress, owner }: NewSaga, journal: readonly unknown[]): readonly unknown[] {
  const { id, name, version, key, input, metadata, startedAt, deadlineAt, parent } = instance;
  const { status, failure, pivotBegun, wakeAt, endedAt } = progress;
  const parentOf = [parent?.sagaId ?? null, parent?.step ?? null, parent?.item ?? null];
  const head = [id, name, version, hash, key, inputHash, status, pivotBegun, owner, owner === null ? 0 : 1];
  const payloads = [JSON.stringify(input), JSON.stringify(metadata), jsonOrNull(failure)];
  return [...head, wakeAt, startedAt, deadlineAt, endedAt, ...payloads, ...journal, ...parentOf];
}

export const jsonOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** Asked for an id that is none, PostgreSQL would answer with an error; there is no such saga. */
export const isUuid = (id: string): boolean => UUID.test(id);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
