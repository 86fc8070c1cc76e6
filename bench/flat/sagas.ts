import { v7 as uuidV7 } from 'uuid';
import type { Entry, EntryBody } from '../../libs/saga/src/planning/journal.js';
import type { Checkpoint, NewSaga, SagaProgress, StoredSaga } from '../../libs/saga/src/store/saga-store.js';
import { newOrder } from '../workload/order.js';
import { reserveStock } from '../workload/steps.js';

// What an executor would write, made by hand: the store alone is measured.

export const DEFINITION = { name: 'order', version: 1 };

const RUNNING: SagaProgress = { status: 'running', failure: null, pivotBegun: false, wakeAt: null, endedAt: null };

/** A saga with a key, born owned by the node. */
export function runningSaga(owner: string): NewSaga {
  return newSaga({ owner, progress: RUNNING, entries: [{ kind: 'saga-started' }, started('reserveStock')] });
}

/** A saga that nobody owns. @param inMs when it is due */
export function waitingSaga(inMs: number): NewSaga {
  return newSaga({
    owner: null,
    progress: { ...RUNNING, status: 'pending', wakeAt: Date.now() + inMs },
    entries: [{ kind: 'saga-started' }],
  });
}

/** @param endedAt milliseconds since the epoch */
export function endedSaga(endedAt: number): NewSaga {
  const progress: SagaProgress = { ...RUNNING, status: 'completed', endedAt };
  return newSaga({ owner: null, progress, entries: [{ kind: 'saga-started' }, started('reserveStock'), { kind: 'saga-completed' }] });
}

interface Given extends Pick<NewSaga, 'owner' | 'progress'> {
  readonly entries: readonly EntryBody[];
}

function newSaga({ owner, progress, entries }: Given): NewSaga {
  const { lines, ...order } = newOrder('happy');
  const input = { ...order, lines: lines.map((line) => ({ ...line })) };
  const startedAt = Date.now();
  return {
    instance: { id: uuidV7(), ...DEFINITION, key: order.orderId, input, metadata: {}, startedAt, deadlineAt: null },
    hash: 'bench',
    inputHash: 'bench',
    progress,
    entries: entries.map((body, index) => entry(index + 1, body)),
    owner,
  };
}

/** The next step's outcome, and the start of the one after it: what a checkpoint writes on the way. */
export async function nextCheckpoint({ row, journal }: StoredSaga): Promise<Checkpoint> {
  return checkpoint({ row, journal }, [await succeeded(), started('chargeCard')], RUNNING);
}

/** Its last checkpoint, the outcome of its last step: it has ended, and nobody owns it. */
export async function lastCheckpoint(saga: StoredSaga): Promise<Checkpoint> {
  return checkpoint(saga, [await succeeded(), { kind: 'saga-completed' }], completed());
}

/** A last one that has no outcome in it. */
export function shortestCheckpoint(saga: StoredSaga): Checkpoint {
  return checkpoint(saga, [{ kind: 'saga-completed' }], completed());
}

const completed = (): SagaProgress => ({ ...RUNNING, status: 'completed', endedAt: Date.now() });

function checkpoint({ row, journal }: StoredSaga, bodies: readonly EntryBody[], progress: SagaProgress): Checkpoint {
  const { id, owner, epoch, revision } = row;
  if (owner === null) throw new Error(`Saga ${id} is nobody's`);
  return {
    sagaId: id,
    ownership: { owner, epoch, revision },
    entries: bodies.map((body, index) => entry(journal.length + index + 1, body)),
    progress,
    release: progress.endedAt !== null,
  };
}

const succeeded = async (): Promise<EntryBody> => ({
  kind: 'step-succeeded',
  step: 'reserveStock',
  result: { ...(await reserveStock(newOrder('happy'))) },
});

const started = (step: string): EntryBody => ({ kind: 'attempt-started', step, direction: 'forward', attempt: 1 });

const entry = (sequence: number, body: EntryBody): Entry => ({ ...body, sequence, at: Date.now() });
