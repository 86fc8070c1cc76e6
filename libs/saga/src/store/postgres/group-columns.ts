import type { Checkpoint, NewSaga } from '../saga-store.js';
import { listMail } from './mailbox.js';
import { journalRows, jsonOrNull } from './stored-rows.js';
import type { Entry } from '../../planning/journal.js';

/** The parameters of `writeGroup` for checkpoints: one array a column. */
export function checkpointColumns(checkpoints: readonly Checkpoint[]): readonly unknown[] {
  const progress = checkpoints.map((checkpoint) => checkpoint.progress);
  return [
    plain(checkpoints.map(({ sagaId }) => sagaId)),
    plain(checkpoints.map(({ ownership }) => ownership.owner)),
    plain(checkpoints.map(({ ownership }) => ownership.epoch)),
    plain(checkpoints.map(({ ownership }) => ownership.revision)),
    plain(progress.map(({ status }) => status)),
    jsons(progress.map(({ failure }) => jsonOrNull(failure))),
    plain(progress.map(({ pivotBegun }) => pivotBegun)),
    plain(progress.map(({ wakeAt }) => wakeAt)),
    plain(progress.map(({ endedAt }) => endedAt)),
    plain(checkpoints.map(({ release }) => release)),
    ...entryColumns(checkpoints.map(({ sagaId, entries }) => ({ sagaId, entries }))),
    ...mailColumns(checkpoints),
  ];
}

/** The parameters of `writeGroup` for starts: one array a column. */
export function startColumns(sagas: readonly NewSaga[]): readonly unknown[] {
  const instances = sagas.map(({ instance }) => instance);
  const progress = sagas.map((saga) => saga.progress);
  return [
    plain(instances.map(({ id }) => id)),
    instances.map(({ name }) => name),
    plain(instances.map(({ version }) => version)),
    plain(sagas.map(({ hash }) => hash)),
    instances.map(({ key }) => key),
    plain(sagas.map(({ inputHash }) => inputHash)),
    plain(progress.map(({ status }) => status)),
    plain(progress.map(({ pivotBegun }) => pivotBegun)),
    plain(sagas.map(({ owner }) => owner)),
    plain(sagas.map(({ owner }) => (owner === null ? 0 : 1))),
    plain(progress.map(({ wakeAt }) => wakeAt)),
    plain(instances.map(({ startedAt }) => startedAt)),
    plain(instances.map(({ deadlineAt }) => deadlineAt)),
    plain(progress.map(({ endedAt }) => endedAt)),
    jsons(instances.map(({ input }) => JSON.stringify(input))),
    jsons(instances.map(({ metadata }) => JSON.stringify(metadata))),
    jsons(progress.map(({ failure }) => jsonOrNull(failure))),
    plain(instances.map(({ parent }) => parent?.sagaId)),
    instances.map(({ parent }) => parent?.step ?? null),
    plain(instances.map(({ parent }) => parent?.item)),
    ...entryColumns(sagas.map(({ instance, entries }) => ({ sagaId: instance.id, entries }))),
  ];
}

interface SagaEntries {
  readonly sagaId: string;
  readonly entries: readonly Entry[];
}

function entryColumns(sagas: readonly SagaEntries[]): readonly unknown[] {
  const rows = sagas.flatMap(({ sagaId, entries }) => journalRows(entries).map((row) => ({ sagaId, ...row })));
  return [
    plain(rows.map(({ sagaId }) => sagaId)),
    plain(rows.map(({ sequence }) => sequence)),
    plain(rows.map(({ at }) => at)),
    jsons(rows.map(({ entries }) => entries)),
  ];
}

function mailColumns(checkpoints: readonly Checkpoint[]): readonly unknown[] {
  const senders = checkpoints.flatMap(({ sagaId, mail = [] }) => mail.map(() => sagaId));
  return [plain(senders), ...listMail(checkpoints.flatMap(({ mail = [] }) => mail))];
}

/** An array as PostgreSQL reads it, of values that need no quotes: ids, hashes, numbers, flags, names of statuses. */
const plain = (values: readonly (string | number | boolean | null | undefined)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`;

/**
 * An array of JSON texts. Quoting one as JSON quotes a string is what PostgreSQL expects: such a text has no control characters, so that only
 * quotes and backslashes are escaped.
 */
const jsons = (texts: readonly (string | null)[]): string =>
  `{${texts.map((text) => (text === null ? 'NULL' : JSON.stringify(text))).join(',')}}`;
