import type { Checkpoint, SagaStore } from '../../libs/saga/src/store/saga-store.js';
import type { Life } from './life.js';

/** A store as a node sees it that may die at each of its writes. */
export function mortalStore(store: SagaStore, life: Life): SagaStore {
  return {
    open: async () => undefined,
    close: async () => undefined,
    onWake: (wake) => store.onWake(wake),

    now: async () => life.live(async () => store.now()),
    load: async (sagaId) => life.live(async () => store.load(sagaId)),
    find: async (sagaId) => life.live(async () => store.find(sagaId)),
    findByKey: async (name, key) => life.live(async () => store.findByKey(name, key)),
    list: async (filter) => life.live(async () => store.list(filter)),

    registerGraphs: async (graphs) => life.write('register the graphs', async () => store.registerGraphs(graphs)),
    overdue: async (afterMs) => life.live(async () => store.overdue(afterMs)),
    findGraph: async (hash) => life.live(async () => store.findGraph(hash)),
    registerNode: async (nodeId, leaseMs) => life.write('register the node', async () => store.registerNode(nodeId, leaseMs)),
    heartbeat: async (nodeId, leaseMs) => life.live(async () => store.heartbeat(nodeId, leaseMs)),
    removeNode: async (nodeId) => life.live(async () => store.removeNode(nodeId)),
    releaseGone: async () => life.live(async () => store.releaseGone()),
    reclaim: async (nodeId, sagaId) => life.write('reclaim', async () => store.reclaim(nodeId, sagaId)),
    // It writes only where something is due, which it knows afterwards: right before it is as if it were not there.
    claim: async (nodeId, limit, definitions) =>
      life.live(async () => {
        const claimed = await store.claim(nodeId, limit, definitions);
        if (claimed.length > 0) life.end(life.begin('claim'));
        return claimed;
      }),

    start: async (saga, manager) => life.write('start', async () => store.start(saga, manager)),
    collect: async (sagaId, decide) => life.write('take its messages', async () => store.collect(sagaId, decide)),
    mail: {
      post: async (mail, posting) => life.write('post a message', async () => store.mail.post(mail, posting)),
      has: async (saga) => life.live(async () => store.mail.has(saga)),
      undelivered: async (limit) => life.live(async () => store.mail.undelivered(limit)),
      park: async (address) => life.write('park a message', async () => store.mail.park(address)),
      remove: async (ageMs, limit) => life.live(async () => store.mail.remove(ageMs, limit)),
    },
    retention: {
      sweep: async (keeping, limit, after) => life.write('sweep what has ended', async () => store.retention.sweep(keeping, limit, after)),
      forgetKeys: async (keyRetentionMs, limit) => life.write('forget keys', async () => store.retention.forgetKeys(keyRetentionMs, limit)),
    },
    change: async (sagaId, decide) => life.write('change from outside', async () => store.change(sagaId, decide)),
    checkpoint: async (checkpoint, manager) => {
      if (manager !== undefined) return life.live(async () => store.checkpoint(checkpoint, manager));
      return life.write(tell(checkpoint), async () => store.checkpoint(checkpoint));
    },
    transaction: async (run) =>
      life.live(async () => {
        let commit = 0;
        const result = await store.transaction(async (manager) => {
          const done = await run(manager);
          // Dying here rolls back, as the server does when a connection is gone.
          commit = life.begin('commit');
          return done;
        });
        life.end(commit);
        return result;
      }),
  };
}

const tell = ({ entries, release }: Checkpoint): string =>
  [
    ...entries.map((entry) => ('step' in entry && entry.step !== undefined ? `${entry.kind} ${entry.step}` : entry.kind)),
    ...(release ? ['given back'] : []),
  ].join(', ');
