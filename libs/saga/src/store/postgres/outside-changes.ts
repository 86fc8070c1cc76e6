import { assertContiguous } from '../contiguous-entries.js';
import { assertNotEmptied } from '../emptied-saga.js';
import type { Mail } from '../mail.js';
import type { OutsideChange, StoredSaga } from '../saga-store.js';
import type { Query } from './connection.js';
import type { Connections } from './connections.js';
import { StatementUnanswered } from './database-errors.js';
import type { Mailbox } from './mailbox.js';
import { lockSaga } from './sql/lock-saga.js';
import { readJournalFrom } from './sql/read-journal.js';
import { readTransactionStatus } from './sql/read-transaction-status.js';
import { writeChange } from './sql/write-change.js';
import { jsonOrNull, listEntries, readJournalRow, readRow } from './stored-rows.js';

/** Without mail, the messages for the saga stay where they are. */
export type Decide = (saga: StoredSaga, mail: readonly Mail[]) => OutsideChange | null;

/** Changes from outside, each under its saga's row lock. */
export class OutsideChanges {
  private readonly lockStatement: string;
  private readonly journalStatement: string;
  private readonly writeStatement: string;

  constructor(
    private readonly connections: Connections,
    schema: string,
  ) {
    this.lockStatement = lockSaga(schema);
    this.journalStatement = readJournalFrom(schema);
    this.writeStatement = writeChange(schema);
  }

  /** One change. Its attempts share what is known of the commit whose answer was lost: made twice, a cancel would be there twice. [R3] */
  begin(sagaId: string, decide: Decide, mailbox?: Mailbox): () => Promise<boolean | undefined> {
    let unknown: string | undefined;
    return async () => {
      if (unknown !== undefined && (await this.isCommitted(unknown))) return true;
      unknown = undefined;
      let transaction: string | undefined;
      try {
        return await this.connections.transaction(async (query) => {
          const saga = await this.lock(sagaId, query);
          const change = saga && decide(saga, (await mailbox?.take(saga.row, query)) ?? []);
          if (saga === undefined || change === undefined || change === null) return change === null ? false : undefined;
          transaction = await this.write(saga, change, query);
          return true;
        });
      } catch (error) {
        if (error instanceof StatementUnanswered) unknown = transaction;
        throw error;
      }
    };
  }

  private async lock(sagaId: string, query: Query): Promise<StoredSaga | undefined> {
    const [row] = await query(this.lockStatement, [sagaId]);
    if (row === undefined) return undefined;
    const journal = await query(this.journalStatement, [sagaId, 1]);
    return { row: readRow(row), journal: journal.flatMap(readJournalRow) };
  }

  private async write({ row, journal }: StoredSaga, { entries, paused, wakeAt, progress }: OutsideChange, query: Query): Promise<string> {
    assertNotEmptied(row);
    assertContiguous(row.id, entries, journal.length + 1);
    const { sequences, times, texts } = listEntries(entries);
    const { status = null, failure = null, pivotBegun = null, endedAt = null } = progress ?? {};
    const moved = [status, jsonOrNull(failure), pivotBegun, endedAt];
    const [written] = await query(this.writeStatement, [row.id, sequences, times, texts, paused ?? null, wakeAt, ...moved]);
    return String(written?.['transaction_id']);
  }

  private async isCommitted(transaction: string): Promise<boolean> {
    const [row] = await this.connections.read(readTransactionStatus(), [transaction]);
    // The server has not noticed yet that the connection is gone.
    if (row?.['status'] === 'in progress') throw new StatementUnanswered(new Error('the commit of a change is still in progress'));
    return row?.['status'] === 'committed';
  }
}
