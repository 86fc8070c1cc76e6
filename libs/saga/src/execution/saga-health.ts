import type { SagaRegistry } from '../definition/saga-registry.js';
import { errorRecordOf } from '../planning/error-record.js';
import type { SagaStore } from '../store/saga-store.js';
import type { SagaWorker } from './saga-worker.js';

/** How this process stands, and which sagas nobody takes: for a health probe, and for whoever looks at night. */
export interface SagaHealth {
  /** The store answers, and the worker, where this process has one, holds its lease. */
  readonly healthy: boolean;
  /** off: this process executes no sagas. lease-lost: others take its sagas up until it has a new lease. */
  readonly worker: 'working' | 'lease-lost' | 'stopped' | 'off';
  /** Sagas in the memory of this process. */
  readonly inMemory: number;
  /**
   * Sagas that have been due for a minute and more and that no node takes, by definition, where there are any. `known`: this process has
   * the class, so nodes have no room; else no running node may have it. [R23]
   */
  readonly overdue: readonly OverdueDefinition[];
  /** Sagas that this node gave back, because their class was changed in a way that they do not fit. [R23] */
  readonly leftAlone: number;
  /** Why the store did not answer. */
  readonly error?: string;
}

/** Sagas of one definition and version that are due and lie there. */
export interface OverdueDefinition {
  /** Of the definition. */
  readonly name: string;
  /** Of the definition. */
  readonly version: number;
  /** How many. */
  readonly count: number;
  /** This process has the class. */
  readonly known: boolean;
}

/** What a busy node takes up late is none yet. */
const OVERDUE_AFTER_MS = 60_000;

interface HealthParts {
  readonly store: SagaStore;
  readonly worker: SagaWorker;
  readonly registry: SagaRegistry;
  readonly workerEnabled: boolean;
}

/** Never rejects: a store that does not answer is what it tells of. */
export async function healthOf({ store, worker, registry, workerEnabled }: HealthParts): Promise<SagaHealth> {
  const standing: SagaHealth['worker'] = workerEnabled ? worker.standing : 'off';
  const isStanding = standing === 'working' || standing === 'off';
  const own = { worker: standing, inMemory: worker.size, leftAlone: worker.leftAlone } as const;
  try {
    const overdue = await store.overdue(OVERDUE_AFTER_MS);
    const known = overdue.map((one) => ({ ...one, known: registry.get(one.name, one.version) !== undefined }));
    return { healthy: isStanding, ...own, overdue: known };
  } catch (error) {
    return { healthy: false, ...own, overdue: [], error: errorRecordOf(error).message };
  }
}
