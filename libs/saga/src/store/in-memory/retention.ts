import { hasEnded } from '../../planning/saga-status.js';
import type { Keeping, RetentionStore, SweptBatch } from '../retention.js';
import type { SagaRow, StoredSaga } from '../saga-store.js';

/** What the store lets it do. */
interface Kept {
  /** In the order of their starts. */
  readonly sagas: ReadonlyMap<string, StoredSaga>;
  readonly now: () => number;
  readonly put: (saga: StoredSaga) => void;
  readonly forget: (row: SagaRow) => void;
  readonly dropMail: (row: SagaRow) => void;
}

/** Deletes what has ended. What may go goes, so that each batch starts anew at the oldest saga. */
export class InMemoryRetention implements RetentionStore {
  constructor(private readonly kept: Kept) {}

  async sweep({ retentionMs, keyRetentionMs }: Keeping, limit: number): Promise<SweptBatch> {
    const due = this.dueFamilies(retentionMs, limit);
    for (const { row } of due.flat()) {
      this.kept.dropMail(row);
      const isForgotten = row.key === null || (keyRetentionMs !== null && this.hasEndedFor(row, keyRetentionMs));
      if (isForgotten) this.kept.forget(row);
      else this.kept.put({ row: { ...row, emptied: true, input: null, metadata: {}, failure: null }, journal: [] });
    }
    const swept = due.flat().filter(({ row }) => !row.emptied).length;
    const last = due.at(-1)?.[0]?.row;
    return due.length < limit || last === undefined ? { swept } : { swept, next: { endedAt: Number(last.endedAt), id: last.id } };
  }

  async forgetKeys(keyRetentionMs: number, limit: number): Promise<number> {
    const old = [...this.kept.sagas.values()].filter(({ row }) => row.emptied && this.hasEndedFor(row, keyRetentionMs)).slice(0, limit);
    for (const { row } of old) this.kept.forget(row);
    return old.length;
  }

  private dueFamilies(retentionMs: number, limit: number): readonly (readonly StoredSaga[])[] {
    const children = this.children();
    const due: (readonly StoredSaga[])[] = [];
    for (const saga of this.kept.sagas.values()) {
      if (due.length === limit) break;
      if (saga.row.emptied || !this.hasEndedFor(saga.row, retentionMs) || !this.isRoot(saga.row)) continue;
      const family = familyOf(saga, children);
      if (family.every(({ row }) => this.hasEndedFor(row, retentionMs))) due.push(family);
    }
    return due;
  }

  private children(): ReadonlyMap<string, readonly StoredSaga[]> {
    const children = new Map<string, StoredSaga[]>();
    for (const saga of this.kept.sagas.values()) {
      const parentId = saga.row.parent?.sagaId;
      if (parentId !== undefined) children.set(parentId, [...(children.get(parentId) ?? []), saga]);
    }
    return children;
  }

  private isRoot({ parent }: SagaRow): boolean {
    const above = parent && this.kept.sagas.get(parent.sagaId);
    return above === undefined || above.row.emptied;
  }

  /** And nobody is about to take it back. */
  private hasEndedFor({ status, owner, wakeAt, endedAt }: SagaRow, ms: number): boolean {
    return hasEnded(status) && owner === null && wakeAt === null && endedAt !== null && endedAt <= this.kept.now() - ms;
  }
}

const familyOf = (saga: StoredSaga, children: ReadonlyMap<string, readonly StoredSaga[]>): readonly StoredSaga[] => [
  saga,
  ...(children.get(saga.row.id) ?? []).flatMap((child) => familyOf(child, children)),
];
