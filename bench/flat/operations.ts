import { DEFINITION, endedSaga, lastCheckpoint, nextCheckpoint, runningSaga, shortestCheckpoint, waitingSaga } from './sagas.js';
import { checkpointing, running } from './running.js';
import type { Side } from './side.js';

export interface Operation {
  readonly name: string;
  /** It is asked to stay within 1.5 times of empty tables; of the others the ratio is told. */
  readonly isHot: boolean;
  readonly samples: number;
  /** What it reads from one end to the other by intent: it is small, or nothing better is known (see README.md). */
  readonly readsWhole?: readonly string[];
  /** Sees to what it needs, untimed, and gives what is timed. */
  readonly prepare: (side: Side) => Promise<() => Promise<unknown>>;
}

/** As many as a node claims at once. */
const BATCH = 100;
const DAY_MS = 86_400_000;
/** Only what this bench has made so old itself ended then. */
const LONG_AGO = 1_000;
const YEAR_MS = 365 * DAY_MS;

const RUNNABLE = [DEFINITION, { name: 'reminder', version: 1 }];

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'start of one',
    isHot: true,
    samples: 40,
    prepare: async ({ store, node }) => {
      const saga = runningSaga(node);
      return async () => store.start(saga);
    },
  },
  {
    name: 'start of 100',
    isHot: true,
    samples: 10,
    prepare: async ({ store, node }) => {
      const sagas = Array.from({ length: BATCH }, () => runningSaga(node));
      return async () => Promise.all(sagas.map(async (saga) => store.start(saga)));
    },
  },
  {
    name: 'checkpoint of one',
    isHot: true,
    samples: 40,
    prepare: async (side) => checkpointing(side, await running(side, 1), nextCheckpoint),
  },
  {
    name: 'checkpoint of 100',
    isHot: true,
    samples: 10,
    prepare: async (side) => checkpointing(side, await running(side, BATCH), nextCheckpoint),
  },
  {
    name: 'last checkpoint of 100',
    isHot: true,
    samples: 10,
    prepare: async (side) => checkpointing(side, await running(side, BATCH), lastCheckpoint),
  },
  {
    // So short a row fits into the gaps of old pages that VACUUM has written down.
    name: '… with the shortest entry',
    isHot: false,
    samples: 10,
    prepare: async (side) => checkpointing(side, await running(side, BATCH), shortestCheckpoint),
  },
  {
    name: 'checkpoint of 100 that waited',
    isHot: true,
    samples: 10,
    prepare: async (side) => {
      await makeWaitingDue(side);
      return checkpointing(side, await side.store.claim(side.node, BATCH, RUNNABLE), nextCheckpoint);
    },
  },
  {
    name: 'claim that finds nothing',
    isHot: true,
    samples: 40,
    prepare:
      async ({ store, node }) =>
      () =>
        store.claim(node, BATCH, RUNNABLE),
  },
  {
    name: 'claim of 100 new ones',
    isHot: true,
    samples: 10,
    prepare: async (side) => {
      await startAll(side, -DAY_MS);
      return async () => side.store.claim(side.node, BATCH, RUNNABLE);
    },
  },
  {
    name: 'claim of 100 that waited',
    isHot: true,
    samples: 10,
    prepare: async (side) => {
      // Each lies in pages of its own: read once, one after the other, they are in the server's memory, and known to the session that claims.
      const ids = await makeWaitingDue(side);
      for (const id of ids) await side.store.load(id);
      return async () => side.store.claim(side.node, BATCH, RUNNABLE);
    },
  },
  {
    name: '… from pages not read before',
    isHot: false,
    samples: 10,
    prepare: async (side) => {
      await makeWaitingDue(side);
      return async () => side.store.claim(side.node, BATCH, RUNNABLE);
    },
  },
  {
    name: 'find by key',
    isHot: true,
    samples: 100,
    prepare: async ({ store, known }) => {
      const key = oneOf(known.keys);
      return async () => store.findByKey(DEFINITION.name, key);
    },
  },
  {
    name: 'load by id',
    isHot: false,
    samples: 100,
    prepare: async ({ store, known }) => {
      const id = oneOf(known.ids);
      return async () => store.load(id);
    },
  },
  {
    name: 'signal, kept and taken',
    isHot: false,
    samples: 20,
    prepare: async (side) => {
      const [saga] = await running(side, 1);
      const sagaId = saga?.row.id ?? '';
      return async () => {
        await side.store.mail.post({ to: { sagaId }, channel: 'signal', name: 'approved' });
        await side.store.collect(sagaId, () => null);
      };
    },
  },
  {
    name: 'heartbeat',
    isHot: false,
    samples: 40,
    readsWhole: ['saga_instance_owner'],
    prepare:
      async ({ store, node }) =>
      () =>
        store.heartbeat(node, DAY_MS),
  },
  {
    name: 'look for nodes that died',
    isHot: false,
    samples: 40,
    readsWhole: ['saga_instance_owner'],
    prepare:
      async ({ store }) =>
      () =>
        store.releaseGone(),
  },
  {
    name: 'look for messages left lying',
    isHot: false,
    samples: 40,
    prepare:
      async ({ store }) =>
      () =>
        store.mail.undelivered(BATCH),
  },
  {
    name: 'removal of old messages',
    isHot: false,
    samples: 40,
    prepare:
      async ({ store }) =>
      () =>
        store.mail.remove(YEAR_MS, BATCH),
  },
  {
    name: 'look for what nobody takes up',
    isHot: false,
    samples: 40,
    prepare:
      async ({ store }) =>
      () =>
        store.overdue(DAY_MS),
  },
  {
    name: 'list, newest 50',
    isHot: false,
    samples: 20,
    prepare:
      async ({ store }) =>
      () =>
        store.list({ limit: 50 }),
  },
  {
    name: 'list, newest 50 of one key',
    isHot: false,
    samples: 20,
    prepare: async ({ store, known }) => {
      const key = oneOf(known.keys);
      return async () => store.list({ name: DEFINITION.name, key, limit: 50 });
    },
  },
  {
    name: 'list of stuck ones, none there',
    isHot: false,
    samples: 3,
    readsWhole: ['saga_instance'],
    prepare:
      async ({ store }) =>
      () =>
        store.list({ statuses: ['stuck'], limit: 50 }),
  },
  {
    name: 'sweep that finds nothing',
    isHot: false,
    samples: 40,
    prepare:
      async ({ store }) =>
      () =>
        store.retention.sweep({ retentionMs: YEAR_MS, keyRetentionMs: YEAR_MS }, BATCH),
  },
  {
    name: 'sweep of 100',
    isHot: false,
    samples: 10,
    prepare: async ({ store }) => {
      await Promise.all(Array.from({ length: BATCH }, async () => store.start(endedSaga(LONG_AGO))));
      return async () => store.retention.sweep({ retentionMs: YEAR_MS, keyRetentionMs: null }, BATCH);
    },
  },
  {
    name: 'forgetting 100 keys',
    isHot: false,
    samples: 10,
    prepare:
      async ({ store }) =>
      () =>
        store.retention.forgetKeys(YEAR_MS, BATCH),
  },
];

async function startAll({ store }: Side, inMs: number): Promise<void> {
  await Promise.all(Array.from({ length: BATCH }, async () => store.start(waitingSaga(inMs))));
}

/** Any hundred of all that wait for a time: on full tables each lies in another place. */
async function makeWaitingDue(side: Side): Promise<readonly string[]> {
  await startAll(side, DAY_MS);
  const { rows } = await side.client.query<{ id: string }>(
    `update saga.saga_instance set wake_at = now() - interval '1 second' where id in (
       select id from saga.saga_instance where owner is null and wake_at > now() order by random() limit ${BATCH})
     returning id`,
  );
  return rows.map(({ id }) => id);
}

function oneOf(values: readonly string[]): string {
  const value = values[Math.floor(Math.random() * values.length)];
  if (value === undefined) throw new Error('There is nothing in the tables to look for');
  return value;
}
