import type { Checkpoint, NewSaga } from '../saga-store.js';
import { listMail } from './mailbox.js';
import { journalRows, jsonOrNull } from './stored-rows.js';
import type { Entry } from '../../planning/journal.js';

/** The parameters of `writeGroup` for checkpoints: one array a column. */
export function checkpointColumns(checkpoints: readonly Checkpoint[]): readonly unknown[] {
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
    ...mailColumns(checkpoints),
  ];
}

/** The parameters of `writeGroup` for starts: one array a column. */
export function startColumns(sagas: readonly NewSaga[]): readonly unknown[] {
  return [
    plain(sagas, ({ instance }) => instance.id),
    sagas.map(({ instance }) => instance.name),
    plain(sagas, ({ instance }) => instance.version),
    plain(sagas, ({ hash }) => hash),
    sagas.map(({ instance }) => instance.key),
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
    sagas.map(({ instance }) => instance.parent?.step ?? null),
    plain(sagas, ({ instance }) => instance.parent?.item),
    ...entryColumns(sagas, ({ instance }) => instance.id),
  ];
}

function entryColumns<T extends { readonly entries: readonly Entry[] }>(
  written: readonly T[],
  idOf: (of: T) => string,
): readonly unknown[] {
  const rows = written.map(({ entries }) => journalRows(entries));
  const lines = rows.flat();
  return [
    plain(
      rows.flatMap((of, index) => of.map(() => written[index] as T)),
      idOf,
    ),
    plain(lines, ({ sequence }) => sequence),
    plain(lines, ({ at }) => at),
    jsons(lines, ({ entries }) => entries),
  ];
}

function mailColumns(checkpoints: readonly Checkpoint[]): readonly unknown[] {
  const senders = checkpoints.flatMap(({ sagaId, mail = [] }) => mail.map(() => sagaId));
  return [plain(senders, (sagaId) => sagaId), ...listMail(checkpoints.flatMap(({ mail = [] }) => mail))];
}

/** An array as PostgreSQL reads it, of values that need no quotes: ids, hashes, numbers, flags, names of statuses. */
const plain = <T>(rows: readonly T[], read: (row: T) => string | number | boolean | null | undefined): string =>
  `{${rows.map((row) => read(row) ?? 'NULL').join(',')}}`;

/**
 * An array of JSON texts. Quoting one as JSON quotes a string is what PostgreSQL expects: such a text has no control characters, so that only
 * quotes and backslashes are escaped.
 */
const jsons = <T>(rows: readonly T[], read: (row: T) => string | null): string => `{${rows.map((row) => quoted(read(row))).join(',')}}`;

const quoted = (text: string | null): string => (text === null ? 'NULL' : JSON.stringify(text));
