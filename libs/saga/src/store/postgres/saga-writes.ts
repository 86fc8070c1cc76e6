import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

import { assertContiguous } from '../contiguous-entries.js';
import type { Checkpoint, CheckpointResult, NewSaga, StartResult } from '../saga-store.js';
import { SagaStoreError } from '../store-errors.js';
import type { AfterCommit } from './after-commit.js';
import { CheckpointWriter, type WrittenCheckpoint } from './checkpoint-writer.js';
import { type Connections, queryIn } from './connections.js';
import { StatementRefused } from './database-errors.js';
import type { DurableWrites } from './durable-writes.js';
import { GroupWriter } from './group-writer.js';
import { type Started, SagaStarts } from './saga-starts.js';
import { isUuid } from './stored-rows.js';

export interface SagaWritesOptions {
  readonly connections: Connections;
  readonly writes: DurableWrites;
  readonly schema: string;
  /** The application's. */
  readonly dataSource: DataSource;
  readonly afterCommit: AfterCommit;
  /** Called with sagas that became due. */
  readonly wake: (sagaIds: readonly string[]) => void;
}

const UNIQUE_VIOLATION = '23505';

/**
 * Starts and checkpoints. Each goes with the group that is about to be written; one that does not pass there goes alone, waits for
 * whoever holds its row, and learns why it is refused. In a transaction of the application it goes with that.
 */
export class SagaWrites {
  private readonly starts: SagaStarts;
  private readonly checkpoints: CheckpointWriter;
  private readonly group: GroupWriter;
  /** The checkpoint that a transaction ends with: by it a lost commit is read back. */
  private readonly lastCheckpoint = new WeakMap<QueryRunner, Checkpoint>();

  constructor(private readonly options: SagaWritesOptions) {
    this.starts = new SagaStarts(options.schema);
    this.checkpoints = new CheckpointWriter(options.schema);
    this.group = new GroupWriter(options.schema, options.connections);
  }

  async start(saga: NewSaga, manager?: EntityManager, onWait?: () => void): Promise<StartResult> {
    const { id, name } = saga.instance;
    assertContiguous(id, saga.entries, 1);
    if (!isUuid(id)) throw new SagaStoreError(`The saga id '${id}' is no UUID.`, { saga: name, sagaId: id });
    if (manager !== undefined) {
      const { runner, query } = queryIn(manager, this.options.dataSource);
      const started = await this.starts.start(saga, query, query);
      this.options.afterCommit.add(runner, () => this.wakeIfDue(id, started));
      return started.result;
    }
    const grouped = await this.group.write({ kind: 'start', saga });
    if (grouped.kind !== 'passed') onWait?.();
    const started: Started =
      grouped.kind === 'passed' ? { result: { kind: 'created' }, due: grouped.due } : await this.startAlone(saga, grouped.kind);
    this.wakeIfDue(id, started);
    return started.result;
  }

  async checkpoint(checkpoint: Checkpoint, manager?: EntityManager): Promise<CheckpointResult> {
    const { sagaId, entries } = checkpoint;
    assertContiguous(sagaId, entries, entries[0]?.sequence ?? 1);
    if (!isUuid(sagaId)) return { kind: 'lost' };
    if (manager !== undefined) {
      const { runner, query } = queryIn(manager, this.options.dataSource);
      const written = await this.checkpoints.write(checkpoint, query, query);
      if (written.result.kind === 'passed') this.lastCheckpoint.set(runner, checkpoint);
      this.options.afterCommit.add(runner, () => this.wakeIfDue(sagaId, written));
      return written.result;
    }
    const grouped = await this.group.write({ kind: 'checkpoint', checkpoint });
    const written: WrittenCheckpoint =
      grouped.kind === 'passed' ? { result: { kind: 'passed' }, due: grouped.due } : await this.checkpointAlone(checkpoint, grouped.kind);
    this.wakeIfDue(sagaId, written);
    return written.result;
  }

  /** Whether a transaction whose commit was not answered is durable: its checkpoint tells. */
  async readBack(runner: QueryRunner): Promise<boolean | undefined> {
    const { connections, writes } = this.options;
    const checkpoint = this.lastCheckpoint.get(runner);
    if (checkpoint === undefined || checkpoint.entries.length === 0) return undefined;
    return writes.carry(`saga ${checkpoint.sagaId}`, () => this.checkpoints.isWritten(checkpoint, connections.write));
  }

  private async startAlone(saga: NewSaga, inGroup: 'not-passed' | 'unanswered'): Promise<Started> {
    const { write, read } = this.options.connections;
    const { id, name, key } = saga.instance;
    return this.options.writes.carry(key === null ? `saga ${id}` : `key '${key}' of ${name}`, async (afterLoss) => {
      const started = await this.starts.start(saga, write, read);
      // Its own id under its own key: what was not answered had been done.
      const hadBeenDone = (afterLoss || inGroup === 'unanswered') && started.result.kind === 'found' && started.result.id === id;
      return hadBeenDone ? { result: { kind: 'created' }, due: true } : started;
    });
  }

  private async checkpointAlone(checkpoint: Checkpoint, inGroup: 'not-passed' | 'unanswered'): Promise<WrittenCheckpoint> {
    return this.options.writes.carry(`saga ${checkpoint.sagaId}`, async (afterLoss) =>
      this.writeCheckpoint(checkpoint, afterLoss || inGroup === 'unanswered'),
    );
  }

  private async writeCheckpoint(checkpoint: Checkpoint, afterLoss: boolean): Promise<WrittenCheckpoint> {
    const { write, read } = this.options.connections;
    const alreadyDone: WrittenCheckpoint = { result: { kind: 'passed' }, due: checkpoint.release };
    if (afterLoss && (await this.checkpoints.isWritten(checkpoint, write))) return alreadyDone;
    try {
      return await this.checkpoints.write(checkpoint, write, read);
    } catch (error) {
      // The statement whose answer was lost can arrive after it was looked for; the journal's key lets one of the two in.
      const cameLate = afterLoss && error instanceof StatementRefused && error.sqlState === UNIQUE_VIOLATION;
      if (cameLate && (await this.checkpoints.isWritten(checkpoint, write))) return alreadyDone;
      throw error;
    }
  }

  private wakeIfDue(sagaId: string, { due }: { readonly due: boolean }): void {
    if (due) this.options.wake([sagaId]);
  }
}
