import type { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import type { Checkpoint, CheckpointResult, SagaStore } from '../../libs/saga/src/store/saga-store.js';
import { SagaStoreError } from '../../libs/saga/src/store/store-errors.js';

/** How a checkpoint goes wrong: it is not written, it is and the answer is lost, or it is written when its saga may be another's. */
export type Fault = 'not written' | 'answer lost' | 'written late';

/** A store that remembers to whom each saga was given last, and holds each write against that. [R18] */
export class WatchedStore {
  readonly store: SagaStore;
  readonly broken: string[] = [];
  /** Writes of former owners that came, and were refused. */
  refused = 0;
  /** Of the next checkpoints. */
  faults: Fault[] = [];
  /** So many of the next calls to look again reach nobody. */
  wakesToLose = 0;
  private readonly late: (() => Promise<unknown>)[] = [];
  private readonly given = new Map<string, { readonly owner: string | null; readonly epoch: number }>();

  private claims = { at: 0, times: 0 };

  /** @param now in milliseconds */
  constructor(store: InMemorySagaStore, now: () => number) {
    const own: Pick<SagaStore, 'start' | 'claim' | 'reclaim' | 'checkpoint' | 'onWake'> = {
      onWake: (wake) => store.onWake((sagaId) => (this.wakesToLose > 0 ? void (this.wakesToLose -= 1) : wake(sagaId))),
      start: async (saga, manager) => {
        const result = await store.start(saga, manager);
        if (result.kind === 'created') this.given.set(saga.instance.id, { owner: saga.owner, epoch: saga.owner === null ? 0 : 1 });
        return result;
      },
      claim: async (nodeId, limit, definitions) => {
        this.countClaim(now());
        const claimed = await store.claim(nodeId, limit, definitions);
        for (const { row } of claimed) this.given.set(row.id, row);
        return claimed;
      },
      reclaim: async (nodeId, sagaId) => {
        const claimed = await store.reclaim(nodeId, sagaId);
        if (claimed) this.given.set(sagaId, claimed.row);
        return claimed;
      },
      checkpoint: async (checkpoint) => {
        const fault = this.faults.shift();
        if (fault === 'written late') this.late.push(async () => this.write(store, checkpoint));
        if (fault === undefined || fault === 'answer lost') {
          const result = await this.write(store, checkpoint);
          if (fault === undefined) return result;
        }
        throw new SagaStoreError(`the database is away (${fault})`);
      },
    };
    this.store = Object.assign(Object.create(store) as InMemorySagaStore, own);
  }

  /** What was written late arrives. */
  async sendLate(): Promise<void> {
    for (const write of this.late.splice(0)) await write();
  }

  private async write(store: SagaStore, checkpoint: Checkpoint): Promise<CheckpointResult> {
    const { sagaId, ownership, entries } = checkpoint;
    const given = this.given.get(sagaId);
    const result = await store.checkpoint(checkpoint);
    const isOwners = ownership.owner === given?.owner && ownership.epoch === given.epoch;
    if (result.kind === 'lost') this.refused += 1;
    if (result.kind === 'passed' && !isOwners)
      this.broken.push(`R18: ${entries.map(({ kind }) => kind).join(', ')} of epoch ${ownership.epoch} passed in epoch ${given?.epoch}`);
    return result;
  }

  /** In memory one that goes round in no time would never come back to the test. */
  private countClaim(at: number): void {
    this.claims = { at, times: this.claims.at === at ? this.claims.times + 1 : 1 };
    if (this.claims.times < MOST_CLAIMS) return;
    const broken = `R20: sagas are taken up ${MOST_CLAIMS} times at the same time`;
    this.broken.push(broken);
    throw new Error(broken);
  }
}

const MOST_CLAIMS = 1_000;
