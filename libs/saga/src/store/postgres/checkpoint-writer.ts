import type { Checkpoint, CheckpointResult } from '../saga-store.js';
import { SagaStoreError } from '../store-errors.js';
import type { Query } from './connection.js';
import { loadSagas } from './sql/load-sagas.js';
import { lockSaga } from './sql/lock-saga.js';
import { readJournalFrom } from './sql/read-journal.js';
import { writeCheckpoint, writeCheckpointWithMail } from './sql/write-checkpoint.js';
import { listMail } from './mailbox.js';
import { journalRows, jsonOrNull, listEntries, readSaga } from './stored-rows.js';

export interface WrittenCheckpoint {
  readonly result: CheckpointResult;
  /** Given back and due: somebody is to be woken. */
  readonly due: boolean;
}

/** Writes checkpoints through one connection or another, and finds out what became of one. */
export class CheckpointWriter {
  private readonly writeStatement: string;
  private readonly writeWithMailStatement: string;
  private readonly loadStatement: string;
  private readonly lockStatement: string;
  private readonly journalStatement: string;

  constructor(schema: string) {
    this.writeStatement = writeCheckpoint(schema);
    this.writeWithMailStatement = writeCheckpointWithMail(schema);
    this.loadStatement = loadSagas(schema);
    this.lockStatement = lockSaga(schema);
    this.journalStatement = readJournalFrom(schema);
  }

  /** @param write commits by itself, or belongs to a transaction */
  async write(checkpoint: Checkpoint, write: Query, read: Query): Promise<WrittenCheckpoint> {
    const { mail = [] } = checkpoint;
    const [passed] =
      mail.length === 0
        ? await write(this.writeStatement, checkpointParameters(checkpoint))
        : await write(this.writeWithMailStatement, [...checkpointParameters(checkpoint), ...listMail(mail)]);
    if (passed !== undefined) return { result: { kind: 'passed' }, due: passed['due'] === true };
    return { result: await this.whyRefused(checkpoint, read), due: false };
  }

  /**
   * Whether the journal has these entries, written under this ownership. [R3] The epoch stands for the owner: each has its own.
   *
   * The row's lock is taken first, by a statement of its own: whoever was writing when the answer was lost holds it, and a journal
   * read by the same statement would be as it was before the wait.
   */
  async isWritten({ sagaId, ownership, entries }: Checkpoint, write: Query): Promise<boolean> {
    const [first] = entries;
    if (first === undefined) return false;
    await write(this.lockStatement, [sagaId]);
    const rows = await write(this.journalStatement, [sagaId, first.sequence]);
    return journalRows(entries).every((row, index) => rows[index]?.['epoch'] === ownership.epoch && rows[index]['entries'] === row.entries);
  }

  private async whyRefused({ sagaId, ownership, entries }: Checkpoint, read: Query): Promise<CheckpointResult> {
    const [found] = await read(this.loadStatement, [[sagaId], ownership.owner]);
    if (found === undefined) return { kind: 'lost' };
    const { row, journal } = readSaga(found);
    if (row.epoch !== ownership.epoch) return { kind: 'lost' };
    if (row.revision === ownership.revision) throw changedByHand(sagaId);
    const first = entries[0]?.sequence ?? Infinity;
    return { kind: 'changed', revision: row.revision, paused: row.paused, since: journal.filter(({ sequence }) => sequence >= first) };
  }
}

/** Owner, epoch and revision only ever change to new values, so a refused fence cannot hold again. */
const changedByHand = (sagaId: string): SagaStoreError =>
  new SagaStoreError(
    `Saga ${sagaId} refused a checkpoint of its owner, and then had the same owner, epoch and revision again. Was its row changed by hand?`,
    { sagaId },
  );

/** Those of `writeCheckpoint`. */
function checkpointParameters({ sagaId, ownership, entries, progress, release }: Checkpoint): readonly unknown[] {
  const { owner, epoch, revision } = ownership;
  const { sequences, times, texts } = listEntries(entries);
  const { status, failure, pivotBegun, wakeAt, endedAt } = progress;
  return [sagaId, owner, epoch, revision, sequences, times, texts, status, jsonOrNull(failure), pivotBegun, wakeAt, endedAt, release];
}
