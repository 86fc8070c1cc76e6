import type { Checkpoint, NewSaga } from '../saga-store.js';
import { listMail } from './mailbox.js';
import { type JournalRow, journalRows, jsonOrNull } from './stored-rows.js';
import type { Entry } from '../../planning/journal.js';

/** Whether only the journal is written. */
export const leavesRow = ({ stays, release, mail = [] }: Checkpoint): boolean => stays === true && !release && mail.length === 0;

export const hasMail = ({ mail = [] }: Checkpoint): boolean => mail.length > 0;

/** The parameters of `writeGroup` for checkpoints that leave the row as it is: one array a column, of all rows of the journal. */
export function fencedEntryColumns(checkpoints: readonly Checkpoint[]): readonly unknown[] {
  const rows = linesOf(checkpoints);
  return [
    plain(rows, ({ of }) => of.sagaId),
    plain(rows, ({ of }) => of.ownership.owner),
    plain(rows, ({ of }) => of.ownership.epoch),
    plain(rows, ({ of }) => of.ownership.revision),
    plain(rows, ({ line }) => line.sequence),
    plain(rows, ({ line }) => line.at),
    jsons(rows, ({ line }) => line.entries),
  ];
}

/** The parameters for checkpoints that write the row: one array a column, and of their entries. */
export function moveColumns(checkpoints: readonly Checkpoint[]): readonly unknown[] {
  return [
    plain(checkpoints, ({ sagaId }) => sagaId),
    plain(checkpoints, ({ ownership }) => ownership.owner),
    plain(checkpoints, ({ ownership }) => ownership.epoch),
    plain(checkpoints, ({ ownership }) => ownership.revision),
    plain(checkpoints, ({ progress }) => progress.status),
    jsons(checkpoints, ({ progress }) => jsonOrNull(progress.failure)),
    plain(checkpoints, ({ progress }) => progress.pivotBegun),
    plain(checkpoints, ({ progress }) => progress.wakeAt),
    plain(checkpoints, ({ progress }) => progress.endedAt),
    plain(checkpoints, ({ release }) => release),
    ...entryColumns(checkpoints, ({ sagaId }) => sagaId),
  ];
}

/** The parameters for starts: one array a column, and of their entries. */
export function startColumns(sagas: readonly NewSaga[]): readonly unknown[] {
  return [
    plain(sagas, ({ instance }) => instance.id),
    texts(sagas, ({ instance }) => instance.name),
    plain(sagas, ({ instance }) => instance.version),
    plain(sagas, ({ hash }) => hash),
    texts(sagas, ({ instance }) => instance.key),
    plain(sagas, ({ inputHash }) => inputHash),
    plain(sagas, ({ progress }) => progress.status),
    plain(sagas, ({ progress }) => progress.pivotBegun),
    plain(sagas, ({ owner }) => owner),
    plain(sagas, ({ owner }) => (owner === null ? 0 : 1)),
    plain(sagas, ({ progress }) => progress.wakeAt),
    plain(sagas, ({ instance }) => instance.startedAt),
    plain(sagas, ({ instance }) => instance.deadlineAt),
    plain(sagas, ({ progress }) => progress.endedAt),
    jsons(sagas, ({ instance }) => JSON.stringify(instance.input)),
    jsons(sagas, ({ instance }) => JSON.stringify(instance.metadata)),
    jsons(sagas, ({ progress }) => jsonOrNull(progress.failure)),
    plain(sagas, ({ instance }) => instance.parent?.sagaId),
    texts(sagas, ({ instance }) => instance.parent?.step ?? null),
    plain(sagas, ({ instance }) => instance.parent?.item),
    ...entryColumns(sagas, ({ instance }) => instance.id),
  ];
}

function entryColumns<T extends { readonly entries: readonly Entry[] }>(
  written: readonly T[],
  idOf: (of: T) => string,
): readonly unknown[] {
  const rows = linesOf(written);
  return [
    plain(rows, ({ of }) => idOf(of)),
    plain(rows, ({ line }) => line.sequence),
    plain(rows, ({ line }) => line.at),
    jsons(rows, ({ line }) => line.entries),
  ];
}

interface Line<T> {
  readonly of: T;
  readonly line: JournalRow;
}

const linesOf = <T extends { readonly entries: readonly Entry[] }>(written: readonly T[]): readonly Line<T>[] =>
  written.flatMap((of) => journalRows(of.entries).map((line) => ({ of, line })));

/** The parameters for what checkpoints post. */
export function mailColumns(checkpoints: readonly Checkpoint[]): readonly unknown[] {
  const senders = checkpoints.flatMap(({ sagaId, mail = [] }) => mail.map(() => sagaId));
  return [plain(senders, (sagaId) => sagaId), ...listMail(checkpoints.flatMap(({ mail = [] }) => mail))];
}

/** An array as PostgreSQL reads it, of values that need no quotes: ids, hashes, numbers, flags, names of statuses. */
const plain = <T>(rows: readonly T[], read: (row: T) => string | number | boolean | null | undefined): string =>
  array(rows.map((row) => read(row) ?? NULL));

/**
 * An array of JSON texts. Quoting one as JSON quotes a string is what PostgreSQL expects: such a text has no control characters, so that only
 * quotes and backslashes are escaped.
 */
const jsons = <T>(rows: readonly T[], read: (row: T) => string | null): string => array(rows.map((row) => quoted(read(row))));

const quoted = (text: string | null): string => (text === null ? NULL : JSON.stringify(text));

/** An array of texts that may have any character: `pg` quotes them. */
const texts = <T>(rows: readonly T[], read: (row: T) => string | null): readonly (string | null)[] | string => {
  const all = rows.map(read);
  return all.every((text) => text === null) ? NONE : all;
};

const NULL = 'NULL';

/** `unnest` fills up the shorter arrays with nulls: many columns have nothing else, and the server would read each. */
const NONE = '{}';

const array = (items: readonly (string | number | boolean)[]): string =>
  items.every((item) => item === NULL) ? NONE : `{${items.join(',')}}`;
