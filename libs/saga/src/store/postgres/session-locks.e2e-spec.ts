import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { eventually } from '../../../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/test-database.js';
import { aNode, anOwnedSaga, idsOf, nextCheckpoint, ORDER } from '../conformance/store-under-test.js';
import type { SagaStore, StoredSaga } from '../saga-store.js';
import { Connections } from './connections.js';
import { DurableWrites } from './durable-writes.js';
import { createPostgresSagaStore } from './index.js';
import { KeptSession } from './kept-session.js';
import { Nodes } from './nodes.js';

/** Of a lease that certainly still runs. */
const LEASE_MS = 3_600_000;

interface NodeRow {
  readonly session_lock: number | null;
  readonly lock_seen_at: Date | null;
}

let database: TestDatabase;
let dataSource: DataSource;
let opened: SagaStore[];
let survivor: SagaStore;
let claimer: string;

beforeAll(() => Logger.overrideLogger(['error'])); // a test database promises nothing, and each store says so
beforeEach(async () => {
  database = await createTestDatabase();
  dataSource = await new DataSource({ type: 'postgres', url: database.url, poolSize: 4 }).initialize();
  opened = [];
  survivor = await open();
  claimer = await aNode(survivor, LEASE_MS);
});
afterEach(async () => {
  for (const store of opened) await store.close();
  await dataSource.destroy();
  await database.drop();
});

/** What another process would have. Closed while it has nodes, it ends as a process that is killed. */
async function open({ pooled = false } = {}): Promise<SagaStore> {
  const store = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'run', pooled });
  opened.push(store);
  await store.open();
  return store;
}

async function aRunningSaga(on: SagaStore): Promise<StoredSaga & { readonly owner: string }> {
  const owner = await aNode(on, LEASE_MS);
  return { ...(await anOwnedSaga(on, { owner })), owner };
}

async function nodeRow(id: string): Promise<NodeRow | undefined> {
  const [row] = await dataSource.query<NodeRow[]>('select session_lock, lock_seen_at from saga.saga_node where id = $1', [id]);
  return row;
}

/** All that hold session locks: they are few, and each is of a store that is open. */
const locks = async (): Promise<readonly { readonly number: number; readonly pid: number }[]> =>
  dataSource.query(
    "select objid::int4 as number, pid from pg_locks where locktype = 'advisory' and objsubid = 2 and database = (select oid from pg_database where datname = current_database())",
  );

/** Whatever the survivor can take, once the server has ended the other's session. */
const claimed = async (): Promise<readonly string[]> =>
  eventually(
    async () => idsOf(await survivor.claim(claimer, 10, [ORDER])),
    (ids) => ids.length > 0,
  );

it('R19: the sagas of a node that was killed are there for whoever claims, long before its lease is over', async () => {
  const killed = await open();
  const saga = await aRunningSaga(killed);
  await expect(survivor.claim(claimer, 10, [ORDER])).resolves.toEqual([]);
  await killed.close();
  await expect(claimed()).resolves.toEqual([saga.row.id]);
  await expect(survivor.find(saga.row.id)).resolves.toMatchObject({ owner: claimer, epoch: 2 });
  await expect(survivor.checkpoint(nextCheckpoint(saga))).resolves.toEqual({ kind: 'lost' });
  await expect(survivor.heartbeat(saga.owner, LEASE_MS)).resolves.toMatchObject({ alive: false });
});

it('R19: a node that takes nothing more learns of it by its heartbeat, and frees them for others', async () => {
  const killed = await open();
  await aRunningSaga(killed);
  await killed.close();
  await eventually(
    async () => survivor.heartbeat(claimer, LEASE_MS),
    ({ othersGone }) => othersGone,
  );
  await expect(survivor.releaseGone()).resolves.toBe(1);
  await expect(survivor.heartbeat(claimer, LEASE_MS)).resolves.toMatchObject({ othersGone: false });
});

it('R19: one behind a pooler notices it too, though it holds no lock itself', async () => {
  const [killed, pooled] = [await open(), await open({ pooled: true })];
  const saga = await aRunningSaga(killed);
  const looking = await aNode(pooled, LEASE_MS);
  await expect(nodeRow(looking)).resolves.toEqual({ session_lock: null, lock_seen_at: null });
  await killed.close();
  const ids = await eventually(
    async () => idsOf(await pooled.claim(looking, 10, [ORDER])),
    (found) => found.length > 0,
  );
  expect(ids).toEqual([saga.row.id]);
});

it('R18: a node that never held a lock keeps its sagas for as long as its lease runs', async () => {
  const pooled = await open({ pooled: true });
  const saga = await aRunningSaga(pooled);
  await pooled.close();
  await expect(survivor.claim(claimer, 10, [ORDER])).resolves.toEqual([]);
  await expect(survivor.releaseGone()).resolves.toBe(0);
  await expect(survivor.find(saga.row.id)).resolves.toMatchObject({ owner: saga.owner });
});

it('R18: after a restart of the server, which no lock survives, a node keeps its sagas too', async () => {
  const living = await open();
  const saga = await aRunningSaga(living);
  await dataSource.query("update saga.saga_node set lock_seen_at = pg_postmaster_start_time() - interval '1 second'");
  await living.close();
  await eventually(locks, (held) => held.length === 1);
  await expect(survivor.claim(claimer, 10, [ORDER])).resolves.toEqual([]);
  await expect(survivor.find(saga.row.id)).resolves.toMatchObject({ owner: saga.owner });
});

it('R18: a session that breaks while its process lives costs it nothing: it says so, and soon has another', async () => {
  const living = await open();
  const saga = await aRunningSaga(living);
  const { session_lock: lock } = (await nodeRow(saga.owner))!;
  const broken = (await locks()).find(({ number }) => number === lock);
  await dataSource.query('select pg_terminate_backend($1)', [broken?.pid]);
  await eventually(
    async () => nodeRow(saga.owner),
    (row) => row?.session_lock === null && row.lock_seen_at === null,
  );
  await expect(survivor.claim(claimer, 10, [ORDER])).resolves.toEqual([]);

  await eventually(
    async () => living.heartbeat(saga.owner, LEASE_MS).then(async () => nodeRow(saga.owner)),
    (row) => typeof row?.session_lock === 'number' && row.session_lock !== lock,
  );
  await expect(survivor.claim(claimer, 10, [ORDER])).resolves.toEqual([]);
  await expect(living.checkpoint(nextCheckpoint(saga))).resolves.toEqual({ kind: 'passed' });
  await living.close();
  await expect(claimed()).resolves.toEqual([saga.row.id]);
});

it('R18: a lock that nobody holds is not written down, and whoever believed in it is told', async () => {
  const source = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  const connections = new Connections(source);
  const disproved: number[] = [];
  const session = { lock: 7, disprove: (lock: number) => void disproved.push(lock) };
  const nodes = new Nodes({
    connections,
    leases: connections,
    writes: new DurableWrites(),
    schema: 'saga',
    session,
    wake: () => undefined,
  });
  await nodes.register('half open', LEASE_MS);
  await expect(nodeRow('half open')).resolves.toEqual({ session_lock: null, lock_seen_at: null });
  await expect(nodes.heartbeat('half open', LEASE_MS)).resolves.toMatchObject({ alive: true });
  await expect(nodeRow('half open')).resolves.toEqual({ session_lock: null, lock_seen_at: null });
  expect(disproved).toEqual([7, 7]);
  await connections.close();
});

it('a session that is gone without this end having heard of it is made anew, once the database says so', async () => {
  const source = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  const leases = new Connections(source);
  const session = new KeptSession({ dataSource: source, leases, schema: 'saga', hears: { name: 'wakes', receive: () => undefined } });
  await session.open();
  const first = session.lock!;
  session.disprove(first + 1);
  expect(session.lock).toBe(first);
  session.disprove(first);
  const next = await eventually(
    () => session.lock,
    (lock) => lock !== undefined && lock !== first,
  );
  const numbers = (await locks()).map(({ number }) => number);
  expect(numbers).toContain(next);
  expect(numbers).not.toContain(first);
  await session.close();
  expect(session.lock).toBeUndefined();
  await leases.close();
});
