import type { EntityManager } from 'typeorm';

import { assertContiguous } from '../contiguous-entries.js';
import { assertNotEmptied } from '../emptied-saga.js';
import type { Mail } from '../mail.js';
import type {
  Checkpoint,
  CheckpointResult,
  HeartbeatResult,
  NewSaga,
  OutsideChange,
  OverdueSagas,
  RunnableDefinition,
  SagaFilter,
  SagaGraph,
  SagaRow,
  SagaStore,
  StartResult,
  StoredSaga,
} from '../saga-store.js';
import { SagaStoreError } from '../store-errors.js';
import { WakeListeners } from '../wake-listeners.js';
import { listPage } from './list-page.js';
import { InMemoryMailbox } from './mailbox.js';
import { createMemoryManager } from './memory-manager.js';
import { NodeLeases } from './node-leases.js';
import { noTransactions } from './no-transactions.js';
import { overdueSagas } from './overdue-sagas.js';
import { InMemoryRetention } from './retention.js';
import { storedCopy } from './stored-copy.js';

/** What stands for the database's clock: milliseconds since the epoch. A test moves its own. */
export interface Clock {
  now(): number;
}

/**
 * Sagas in this process, for tests and first steps: nothing outlives it. It keeps every guarantee of the interface but durability
 * itself. Each method does its work in one go, so that nothing comes between reading and writing.
 */
export class InMemorySagaStore implements SagaStore {
  private readonly sagas = new Map<string, StoredSaga>();
  readonly mail = new InMemoryMailbox(
    () => this.clock.now(),
    (id) => this.sagas.get(id)?.row.emptied === false,
  );
  readonly retention = new InMemoryRetention({
    sagas: this.sagas,
    now: () => this.clock.now(),
    put: (saga) => this.put(saga),
    forget: (row) => this.forget(row),
    dropMail: (row) => void this.mail.take(row),
  });
  /** Ids by name and key. */
  private readonly keys = new Map<string, string>();
  private readonly graphs = new Map<string, SagaGraph['steps']>();
  private readonly wakes = new WakeListeners();
  private readonly nodes: NodeLeases;
  /** What each open transaction takes back when it fails. */
  private readonly undo = new Map<EntityManager, (() => void)[]>();

  constructor(private readonly clock: Clock = Date) {
    this.nodes = new NodeLeases(() => this.clock.now());
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {
    this.wakes.clear();
  }

  async now(): Promise<number> {
    return this.clock.now();
  }

  async start(saga: NewSaga, manager?: EntityManager): Promise<StartResult> {
    if (manager !== undefined) throw noTransactions('start', saga.instance.id);
    assertContiguous(saga.instance.id, saga.entries, 1);
    const { instance, progress, entries, ...rest } = storedCopy(saga);
    const found = this.findSame(instance.id, instance.name, instance.key);
    if (found !== undefined) return { kind: 'found', id: found.row.id, inputHash: found.row.inputHash };
    const row: SagaRow = {
      ...instance,
      ...progress,
      ...rest,
      paused: false,
      emptied: false,
      epoch: rest.owner === null ? 0 : 1,
      revision: 0,
    };
    this.put({ row, journal: entries });
    this.wakeIfDue(row);
    return { kind: 'created' };
  }

  async checkpoint(checkpoint: Checkpoint, manager?: EntityManager): Promise<CheckpointResult> {
    const { sagaId, ownership, entries, progress, release, mail = [] } = storedCopy(checkpoint);
    const undo = manager === undefined ? undefined : this.undo.get(manager);
    if (manager !== undefined && undo === undefined) throw noTransactions('checkpoint', sagaId);
    const saga = this.sagas.get(sagaId);
    if (saga?.row.owner !== ownership.owner || saga.row.epoch !== ownership.epoch) return { kind: 'lost' };
    const first = entries[0]?.sequence ?? saga.journal.length + 1;
    if (saga.row.revision !== ownership.revision) {
      const { revision, paused } = saga.row;
      return storedCopy({ kind: 'changed', revision, paused, since: saga.journal.slice(first - 1) });
    }
    assertContiguous(sagaId, entries, saga.journal.length + 1);
    const row = { ...saga.row, ...progress, owner: release ? null : ownership.owner };
    const written = { row, journal: [...saga.journal, ...entries] };
    this.put(written);
    undo?.push(() => this.takeBack(written, saga));
    for (const one of mail) {
      const takeBack = this.mail.keep(one);
      undo?.push(takeBack);
    }
    this.wakeIfDue(row);
    return { kind: 'passed' };
  }

  async transaction<T>(run: (manager: EntityManager) => Promise<T>): Promise<T> {
    const manager = createMemoryManager();
    const undo: (() => void)[] = [];
    this.undo.set(manager, undo);
    try {
      return await run(manager);
    } catch (error) {
      for (const step of undo.toReversed()) step();
      throw error;
    } finally {
      this.undo.delete(manager);
    }
  }

  async change(sagaId: string, decide: (saga: StoredSaga) => OutsideChange | null): Promise<boolean | undefined> {
    const saga = this.sagas.get(sagaId);
    if (saga === undefined) return undefined;
    const change = storedCopy(decide(storedCopy(saga)));
    if (change === null) return false;
    assertNotEmptied(saga.row);
    assertContiguous(sagaId, change.entries, saga.journal.length + 1);
    const { owner, wakeAt, revision, paused } = saga.row;
    const row: SagaRow = {
      ...saga.row,
      ...change.progress,
      revision: revision + 1,
      paused: change.paused ?? paused,
      wakeAt: owner === null ? change.wakeAt : wakeAt,
    };
    this.put({ row, journal: [...saga.journal, ...change.entries] });
    this.wakes.wake(sagaId);
    return true;
  }

  async collect(sagaId: string, decide: (saga: StoredSaga, mail: readonly Mail[]) => OutsideChange | null): Promise<boolean | undefined> {
    const saga = this.sagas.get(sagaId);
    if (saga === undefined) return undefined;
    const taken = this.mail.take(saga.row);
    try {
      return await this.change(sagaId, (stored) => decide(stored, taken.mail));
    } catch (error) {
      taken.putBack();
      throw error;
    }
  }

  async load(sagaId: string): Promise<StoredSaga | undefined> {
    const saga = this.sagas.get(sagaId);
    return saga && storedCopy(saga);
  }

  async find(sagaId: string): Promise<SagaRow | undefined> {
    return (await this.load(sagaId))?.row;
  }

  async findByKey(name: string, key: string): Promise<SagaRow | undefined> {
    const id = this.keys.get(nameAndKey(name, key));
    return id === undefined ? undefined : this.find(id);
  }

  async list(filter: SagaFilter): Promise<{ readonly items: readonly StoredSaga[]; readonly next?: string }> {
    return storedCopy(listPage(this.sagas.values(), filter));
  }

  async registerGraphs(graphs: readonly SagaGraph[]): Promise<void> {
    for (const { hash, steps } of graphs) if (!this.graphs.has(hash)) this.graphs.set(hash, storedCopy(steps));
  }

  async findGraph(hash: string): Promise<SagaGraph['steps'] | undefined> {
    return this.graphs.get(hash);
  }

  async registerNode(nodeId: string, leaseMs: number): Promise<void> {
    this.nodes.register(nodeId, leaseMs);
  }

  async heartbeat(nodeId: string, leaseMs: number): Promise<HeartbeatResult> {
    const alive = this.nodes.extend(nodeId, leaseMs);
    const rows = [...this.sagas.values()].map(({ row }) => row);
    const owned = rows.filter(({ owner }) => owner === nodeId).map(({ id, epoch, revision }) => ({ sagaId: id, epoch, revision }));
    const othersGone = rows.some(({ owner }) => owner !== null && owner !== nodeId && !this.nodes.isAlive(owner));
    return { alive, now: this.clock.now(), owned, othersGone };
  }

  async removeNode(nodeId: string): Promise<void> {
    this.nodes.remove(nodeId);
    this.release((owner) => owner === nodeId);
  }

  async releaseGone(): Promise<number> {
    this.nodes.removeExpired();
    return this.release((owner) => !this.nodes.has(owner));
  }

  async claim(nodeId: string, limit: number, definitions: readonly RunnableDefinition[]): Promise<readonly StoredSaga[]> {
    if (!this.nodes.isAlive(nodeId)) return [];
    const now = this.clock.now();
    const due = [...this.sagas.values()]
      .filter(({ row }) => row.owner === null && row.wakeAt !== null && row.wakeAt <= now)
      .filter(({ row }) => definitions.some(({ name, version }) => name === row.name && version === row.version))
      .toSorted((left, right) => Number(left.row.wakeAt) - Number(right.row.wakeAt));
    return due.slice(0, limit).map((saga) => {
      const owned = this.own(saga, nodeId);
      return { ...owned, row: { ...owned.row, wakeAt: saga.row.wakeAt } };
    });
  }

  async reclaim(nodeId: string, sagaId: string): Promise<StoredSaga | undefined> {
    const saga = this.sagas.get(sagaId);
    return saga?.row.owner === nodeId && this.nodes.isAlive(nodeId) ? this.own(saga, nodeId) : undefined;
  }

  async overdue(afterMs: number): Promise<readonly OverdueSagas[]> {
    return overdueSagas(this.sagas.values(), this.clock.now() - afterMs);
  }

  onWake(wake: (sagaId: string) => void): () => void {
    return this.wakes.add(wake);
  }

  private own(saga: StoredSaga, nodeId: string): StoredSaga {
    const owned = { ...saga, row: { ...saga.row, owner: nodeId, epoch: saga.row.epoch + 1, wakeAt: null } };
    this.put(owned);
    return storedCopy(owned);
  }

  private release(isGone: (owner: string) => boolean): number {
    const released = [...this.sagas.values()].filter(({ row }) => row.owner !== null && isGone(row.owner));
    for (const saga of released) {
      const row = { ...saga.row, owner: null, wakeAt: this.clock.now() };
      this.put({ ...saga, row });
      this.wakeIfDue(row);
    }
    return released.length;
  }

  private findSame(id: string, name: string, key: string | null): StoredSaga | undefined {
    const byKey = key === null ? undefined : this.keys.get(nameAndKey(name, key));
    return this.sagas.get(byKey ?? id);
  }

  private put(saga: StoredSaga): void {
    const { id, name, key } = saga.row;
    this.sagas.set(id, saga);
    if (key !== null) this.keys.set(nameAndKey(name, key), id);
  }

  private forget({ id, name, key }: SagaRow): void {
    this.sagas.delete(id);
    if (key !== null) this.keys.delete(nameAndKey(name, key));
  }

  private takeBack(written: StoredSaga, before: StoredSaga): void {
    const { id } = before.row;
    if (this.sagas.get(id) !== written)
      throw new SagaStoreError(
        `Saga ${id} went on before the transaction of its checkpoint had ended. Make the checkpoint the last thing in it.`,
        { sagaId: id },
      );
    this.put(before);
  }

  private wakeIfDue({ id, owner, wakeAt }: SagaRow): void {
    if (owner === null && wakeAt !== null && wakeAt <= this.clock.now()) this.wakes.wake(id);
  }
}

const nameAndKey = (name: string, key: string): string => JSON.stringify([name, key]);
