import { fold } from '../../libs/saga/src/planning/fold.js';
import type { Entry } from '../../libs/saga/src/planning/journal.js';
import { hasEnded } from '../../libs/saga/src/planning/saga-status.js';
import { placedNodesOf } from '../../libs/saga/src/planning/state.js';
import type { SagaStore, StoredSaga } from '../../libs/saga/src/store/saga-store.js';
import type { CrashingNode } from '../crash-points/node.js';
import { clock } from './clock.js';

/** Signals find a saga by its id, events by its key. */
type Receiver = { readonly id: string } | { readonly key: string };

interface Sent {
  readonly to: Receiver;
  /** Unlike that of any other; of those with the same dedupe id it is the same. */
  readonly payload: string;
  accepted: boolean;
}

export interface Content {
  readonly name: string;
  readonly dedupe: number | null;
}

/** Signals and events that were sent to loans, and whether they were accepted: an accepted one counts, and counts once. [R27] */
export class Messages {
  readonly broken: string[] = [];
  private readonly sent: Sent[] = [];

  constructor(private readonly store: SagaStore) {}

  /** By way of a node, which may die before it answers. */
  async send(node: CrashingNode, to: Receiver, { name, dedupe }: Content): Promise<void> {
    const payload = `${name} ${dedupe === null ? this.sent.length : `with dedupe id ${dedupe}`} to ${'id' in to ? to.id : to.key}`;
    const sent: Sent = { to, payload, accepted: false };
    this.sent.push(sent);
    const options = dedupe === null ? {} : { dedupeId: `d${dedupe}` };
    const answer =
      'id' in to
        ? node.sagas.get(to.id).signal(name, payload, options)
        : node.post({ to: { sagaName: LOAN, sagaKey: to.key }, channel: 'event', name, payload, ...options });
    void answer.then(() => (sent.accepted = true)).catch(() => undefined);
    await clock.settle();
  }

  /** When all has been swept up: what was accepted is in the journal of a saga that goes on, or kept for one that is to come; once. */
  async judge(): Promise<void> {
    for (const { to, payload, accepted } of this.sent) {
      const saga = await this.find(to);
      const times = saga?.journal.filter((entry) => isOf(entry, payload)).length ?? 0;
      if (times > 1) this.broken.push(`R27: ${payload} counts ${times} times`);
      if (accepted && times === 0 && !(await this.mayBeGone(to, saga))) this.broken.push(`R27: ${payload} is lost`);
      if (saga) this.judgeWaits(saga);
    }
  }

  private async find(to: Receiver): Promise<StoredSaga | undefined> {
    const id = 'id' in to ? to.id : (await this.store.findByKey(LOAN, to.key))?.id;
    return id === undefined ? undefined : this.store.load(id);
  }

  /** A saga that has ended takes none; for one that does not exist it is kept. */
  private async mayBeGone(to: Receiver, saga: StoredSaga | undefined): Promise<boolean> {
    if (saga) return hasEnded(saga.row.status);
    return 'key' in to && this.store.mail.has({ id: '', name: LOAN, key: to.key });
  }

  private judgeWaits({ row: { id, status }, journal }: StoredSaga): void {
    const state = fold(journal);
    if (state.unwinding || status === 'stuck') return;
    for (const { node, ref } of Object.keys(state.steps).flatMap((step) => placedNodesOf(state, step)))
      if (state.inbox.some(({ channel, name }) => channel === node.wait?.channel && name === node.wait.name))
        this.broken.push(`R27: ${ref.step} of ${id} waits for what is there`);
  }
}

const isOf = (entry: Entry, payload: string): boolean => entry.kind === 'message-received' && entry.payload === payload;

const LOAN = 'loan';
