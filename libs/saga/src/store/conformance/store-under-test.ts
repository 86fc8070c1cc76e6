import { randomUUID } from 'node:crypto';

import type { EntityManager } from 'typeorm';

import type { Entry, EntryBody } from '../../planning/journal.js';
import type { Checkpoint, NewSaga, OwnedSaga, SagaProgress, SagaStore, StoredSaga } from '../saga-store.js';

/** A store with what a test needs around it. */
export interface StoreUnderTest {
  readonly store: SagaStore;
  /** The same sagas, as another process sees them. In memory there is no other: the same store. */
  another(): Promise<SagaStore>;
  /** Behind a transaction pooler nobody listens: other processes find by themselves what there is to do. */
  readonly isHeardHereOnly?: boolean;
  /** Lets time pass by the clock that decides leases and due times. */
  pass(ms: number): Promise<void>;
  /** A transaction of the application, for what joins one. Left out: the store has none to join. */
  readonly transact?: <T>(run: (manager: EntityManager) => Promise<T>) => Promise<T>;
  close(): Promise<void>;
}

export type MakeStore = () => Promise<StoreUnderTest>;

/** Whoever is to be woken by what the store does: another process, or, where none listens, this one. */
export const listenerTo = async (under: StoreUnderTest): Promise<SagaStore> =>
  under.isHeardHereOnly === true ? under.store : under.another();

export const LEASE_MS = 10_000;
export const ORDER = { name: 'place-order', version: 1 };
export const RUNNING: SagaProgress = { status: 'running', failure: null, pivotBegun: false, wakeAt: null, endedAt: null };
/** Long past, so that it is due by every clock. */
export const DUE: SagaProgress = { ...RUNNING, status: 'pending', wakeAt: 1_000 };

export interface SagaGiven extends Partial<Pick<NewSaga, 'owner' | 'progress' | 'inputHash'>> {
  readonly instance?: Partial<NewSaga['instance']>;
}

/** A saga as a client would start it: due, and nobody's, unless the test says otherwise. */
export function aSaga(given: SagaGiven = {}): NewSaga {
  const { instance, ...rest } = given;
  return {
    instance: {
      id: randomUUID(),
      ...ORDER,
      key: null,
      input: { order: 1 },
      metadata: {},
      startedAt: 1_700_000_000_000,
      deadlineAt: null,
      ...instance,
    },
    hash: 'graph-1',
    inputHash: 'input-1',
    progress: DUE,
    entries: [anEntry(1, { kind: 'saga-started' })],
    owner: null,
    ...rest,
  };
}

export function anEntry(sequence: number, body: EntryBody = { kind: 'alert-raised', message: `entry ${sequence}` }): Entry {
  return { ...body, sequence, at: 1_700_000_000_000 + sequence };
}

export const requested = (sequence: number, reason = 'changed my mind'): Entry => anEntry(sequence, { kind: 'cancel-requested', reason });

/** The next checkpoint of a saga that was loaded, claimed or born owned. */
export function nextCheckpoint({ row, journal }: StoredSaga, given: Partial<Checkpoint> = {}): Checkpoint {
  const { id, owner, epoch, revision } = row;
  if (owner === null) throw new Error(`Saga ${id} is nobody's: claim it first`);
  return {
    sagaId: id,
    ownership: { owner, epoch, revision },
    entries: [anEntry(journal.length + 1)],
    progress: RUNNING,
    release: false,
    ...given,
  };
}

/** A node with its lease, under an id of its own. */
export async function aNode(store: SagaStore, leaseMs = LEASE_MS): Promise<string> {
  const nodeId = `node-${randomUUID()}`;
  await store.registerNode(nodeId, leaseMs);
  return nodeId;
}

/** A saga that runs on a node. */
export async function anOwnedSaga(store: SagaStore, given: SagaGiven = {}): Promise<StoredSaga> {
  const owner = given.owner ?? (await aNode(store));
  const saga = aSaga({ progress: RUNNING, ...given, owner });
  await store.start(saga);
  return stored(store, saga.instance.id);
}

export async function stored(store: SagaStore, sagaId: string): Promise<StoredSaga> {
  const saga = await store.load(sagaId);
  if (saga === undefined) throw new Error(`Saga ${sagaId} is not there`);
  return saga;
}

export const idsOf = (sagas: readonly StoredSaga[]): string[] => sagas.map(({ row }) => row.id);

export const ownedIds = (owned: readonly OwnedSaga[]): string[] => owned.map(({ sagaId }) => sagaId);
