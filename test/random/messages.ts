import { fold } from '../../libs/saga/src/planning/fold.js';
import type { Entry } from '../../libs/saga/src/planning/journal.js';
import { hasEnded } from '../../libs/saga/src/planning/saga-status.js';
import { nodesOf } from '../../libs/saga/src/planning/state.js';
import type { SagaStore, StoredSaga } from '../../libs/saga/src/store/saga-store.js';
import type { CrashingNode } from '../crash-points/node.js';
import { clock } from './clock.js';

interface Sent {
  readonly sagaId: string;
  /** Unlike that of any other; of those with the same dedupe id it is the same. */
  readonly payload: string;
  accepted: boolean;
}

/** Signals and events that were sent, and whether they were accepted: an accepted one counts, and counts once. [R27] */
export class Messages {
  readonly broken: string[] = [];
  private readonly sent: Sent[] = [];

  constructor(private readonly store: SagaStore) {}

  /** By way of a node, which may die before it answers. */
  async send(
    node: CrashingNode,
    saga: StoredSaga | undefined,
    what: { readonly name: string; readonly dedupe: number | null },
  ): Promise<void> {
    if (saga?.row.name !== 'loan') return;
    const { id, key } = saga.row;
    const { name, dedupe } = what;
    const payload = dedupe === null ? `${name} ${this.sent.length}` : `${name} of ${dedupe}`;
    const sent: Sent = { sagaId: id, payload: `${id} ${payload}`, accepted: false };
    this.sent.push(sent);
    const options = dedupe === null ? {} : { dedupeId: `d${dedupe}` };
    const answer =
      name === 'Paid'
        ? node.post({ to: { sagaName: 'loan', sagaKey: key ?? '' }, channel: 'event', name, payload: sent.payload, ...options })
        : node.sagas.get(id).signal(name, sent.payload, options);
    void answer.then(() => (sent.accepted = true)).catch(() => undefined);
    await clock.settle();
  }

  /** When all has been swept up: what was accepted is in the journal of a saga that goes on, and nothing is there twice. */
  async judge(): Promise<void> {
    for (const { sagaId, payload, accepted } of this.sent) {
      const saga = await this.store.load(sagaId);
      const times = saga?.journal.filter((entry) => isOf(entry, payload)).length ?? 0;
      if (times > 1) this.broken.push(`R27: ${payload} counts ${times} times`);
      if (accepted && times === 0 && saga && !hasEnded(saga.row.status)) this.broken.push(`R27: ${payload} is lost`);
      if (saga && !saga.row.paused) this.judgeWaits(saga);
    }
  }

  private judgeWaits({ row: { id, status }, journal }: StoredSaga): void {
    const state = fold(journal);
    if (state.unwinding || status === 'stuck') return;
    for (const { node, ref } of Object.keys(state.steps).flatMap((step) => nodesOf(state, step)))
      if (state.inbox.some(({ channel, name }) => channel === node.wait?.channel && name === node.wait.name))
        this.broken.push(`R27: ${ref.step} of ${id} waits for what is there`);
  }
}

const isOf = (entry: Entry, payload: string): boolean => entry.kind === 'message-received' && entry.payload === payload;
