import { setTimeout as pause } from 'node:timers/promises';

import type { HeartbeatResult, OverdueSagas, RunnableDefinition, StoredSaga } from '../saga-store.js';
import type { Row } from './connection.js';
import type { Connections } from './connections.js';
import type { DurableWrites } from './durable-writes.js';
import type { KeptSession } from './kept-session.js';
import { beat } from './sql/beat.js';
import { claimSagas } from './sql/claim-sagas.js';
import { countOwned } from './sql/count-owned.js';
import { listOverdue } from './sql/list-overdue.js';
import { loadSagas } from './sql/load-sagas.js';
import { reclaimSaga } from './sql/reclaim-saga.js';
import { registerNode } from './sql/register-node.js';
import { releaseSagas } from './sql/release-sagas.js';
import { removeGoneNodes } from './sql/remove-gone-nodes.js';
import { removeNode } from './sql/remove-node.js';
import { readIds, readMs, readOwned, readSaga } from './stored-rows.js';

/** Sagas read by one statement: their journals may be large, and are in memory twice while they are read. */
const LOAD_BATCH = 100;

/** Rows freed by one statement: more would hold their locks for long. */
const RELEASE_BATCH = 1_000;

/** A row that somebody holds while its node goes is tried again so often, so far apart; then whoever looks for nodes that are gone frees it. */
const LEAVE_TRIES = 20;
const LEAVE_PAUSE_MS = 25;

export interface NodesOptions {
  readonly connections: Connections;
  /** Of their own, for what keeps the lease. */
  readonly leases: Connections;
  readonly writes: DurableWrites;
  readonly schema: string;
  /** While it has a lock, others see by it that this process lives. */
  readonly session: Pick<KeptSession, 'lock' | 'disprove'>;
  /** Called with sagas that became due. */
  readonly wake: (sagaIds: readonly string[]) => void;
}

/** Nodes, their leases, and who owns what. */
export class Nodes {
  constructor(private readonly options: NodesOptions) {}

  async register(nodeId: string, leaseMs: number): Promise<void> {
    await this.extend(registerNode, nodeId, leaseMs);
  }

  async heartbeat(nodeId: string, leaseMs: number): Promise<HeartbeatResult> {
    const row = await this.extend(beat, nodeId, leaseMs);
    return {
      alive: row?.['alive'] === true,
      now: Math.floor(row?.['now'] as number),
      owned: readOwned(row),
      othersGone: row?.['others_gone'] === true,
    };
  }

  async remove(nodeId: string): Promise<void> {
    const { connections, writes, schema } = this.options;
    await writes.carry(`node ${nodeId}`, () => connections.write(removeNode(schema), [nodeId]));
    for (let tries = 0; tries < LEAVE_TRIES; tries += 1) {
      await this.release([nodeId]);
      const [row] = await writes.repeat(() => connections.read(countOwned(schema), [nodeId]));
      if (row?.['count'] === 0) return;
      await pause(LEAVE_PAUSE_MS);
    }
  }

  async releaseGone(): Promise<number> {
    const { connections, writes, schema } = this.options;
    const gone = readIds(await writes.repeat(() => connections.write(removeGoneNodes(schema))));
    return gone.length === 0 ? 0 : this.release(gone);
  }

  /** A lost answer is not asked for again: what was taken is found by the next heartbeat. [R19] */
  async claim(nodeId: string, limit: number, definitions: readonly RunnableDefinition[]): Promise<readonly StoredSaga[]> {
    if (limit < 1 || definitions.length === 0) return [];
    const { connections, schema } = this.options;
    const runnable = definitions.map(({ name, version }) => `${name} ${version}`);
    const rows = await connections.write(claimSagas(schema), [nodeId, limit, runnable]);
    const taken = rows.filter((row) => row['killed'] === false);
    const loaded = new Map((await this.loadOwned(nodeId, readIds(taken))).map((saga) => [saga.row.id, saga]));
    // The order of what an update returns is the server's affair.
    const dueTimes = taken
      .map((row) => [row['id'] as string, readMs(row['wake_at'])] as const)
      .toSorted(([, left], [, right]) => left - right);
    const claimed = dueTimes.flatMap(([id, wakeAt]) => {
      const saga = loaded.get(id);
      return saga === undefined ? [] : { ...saga, row: { ...saga.row, wakeAt } };
    });
    // What they owned wakes whoever has room, this node too.
    if (rows.some((row) => row['killed'] === true)) await this.releaseGone();
    return claimed;
  }

  async reclaim(nodeId: string, sagaId: string): Promise<StoredSaga | undefined> {
    const { connections, writes, schema } = this.options;
    const ids = readIds(await writes.carry(`saga ${sagaId}`, () => connections.write(reclaimSaga(schema), [nodeId, sagaId])));
    const [saga] = await this.loadOwned(nodeId, ids);
    return saga;
  }

  async overdue(afterMs: number): Promise<readonly OverdueSagas[]> {
    const { connections, writes, schema } = this.options;
    const rows = await writes.repeat(() => connections.read(listOverdue(schema), [afterMs]));
    return rows.map((row) => ({ name: row['name'] as string, version: row['version'] as number, count: row['count'] as number }));
  }

  private async extend(statement: (schema: string) => string, nodeId: string, leaseMs: number): Promise<Row | undefined> {
    const { leases, writes, schema, session } = this.options;
    const { lock } = session;
    const [row] = await writes.carry(`node ${nodeId}`, () => leases.write(statement(schema), [nodeId, leaseMs, lock ?? null]));
    if (lock !== undefined && row?.['session_lock'] === null) session.disprove(lock);
    return row;
  }

  private async loadOwned(nodeId: string, ids: readonly string[]): Promise<readonly StoredSaga[]> {
    const { connections, writes, schema } = this.options;
    const sagas: StoredSaga[] = [];
    for (let from = 0; from < ids.length; from += LOAD_BATCH) {
      const batch = ids.slice(from, from + LOAD_BATCH);
      sagas.push(...(await writes.repeat(() => connections.read(loadSagas(schema), [batch, nodeId]))).map(readSaga));
    }
    return sagas;
  }

  private async release(owners: readonly string[]): Promise<number> {
    const { connections, writes, schema } = this.options;
    let count = 0;
    for (;;) {
      const ids = readIds(await writes.repeat(() => connections.write(releaseSagas(schema), [owners, RELEASE_BATCH])));
      this.options.wake(ids);
      count += ids.length;
      if (ids.length < RELEASE_BATCH) return count;
    }
  }
}
