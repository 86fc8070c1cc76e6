import type { Checkpoint, NewSaga } from '../saga-store.js';
import type { GroupWrite } from './group-writer.js';
import { hasMail, leavesRow } from './group-columns.js';
import { insertLoneSaga } from './sql/insert-saga.js';
import { writeLoneEntry, writeLoneMove } from './sql/write-lone.js';
import { type JournalRow, journalRows, jsonOrNull, newSagaColumns } from './stored-rows.js';

export interface LoneStatement {
  /** It travels in place of the text. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Statements for a write that goes alone. A node with one saga on its way writes little else, and for one the statement of a group takes the server
 * half as long again.
 */
export class LoneStatements {
  private readonly start: string;
  private readonly entry: string;
  private readonly move: string;

  constructor(schema: string) {
    this.start = insertLoneSaga(schema);
    this.entry = writeLoneEntry(schema);
    this.move = writeLoneMove(schema);
  }

  /** Undefined for what nearly none has: mail, or entries of several moments. It goes as a group of one. */
  for(write: GroupWrite): LoneStatement | undefined {
    if (write.kind === 'checkpoint' && hasMail(write.checkpoint)) return undefined;
    const [line, ...more] = journalRows(write.kind === 'start' ? write.saga.entries : write.checkpoint.entries);
    if (line === undefined || more.length > 0) return undefined;
    return write.kind === 'start' ? this.forStart(write.saga, line) : this.forCheckpoint(write.checkpoint, line);
  }

  private forStart(saga: NewSaga, { sequence, at, entries }: JournalRow): LoneStatement {
    return { name: 'write saga_journal: a start', text: this.start, values: newSagaColumns(saga, [sequence, at, entries]) };
  }

  private forCheckpoint(checkpoint: Checkpoint, line: JournalRow): LoneStatement {
    const { sagaId, ownership, progress, release } = checkpoint;
    const { owner, epoch, revision } = ownership;
    const values: unknown[] = [sagaId, owner, epoch, revision, line.sequence, line.at, line.entries];
    if (leavesRow(checkpoint)) return { name: 'write saga_journal: an entry', text: this.entry, values };
    const { status, failure, pivotBegun, wakeAt, endedAt } = progress;
    values.push(status, jsonOrNull(failure), pivotBegun, wakeAt, endedAt, release);
    return { name: 'write saga_journal: a checkpoint', text: this.move, values };
  }
}
