import { Pool } from 'pg';

import { describeBehindPgBouncer, SERVER_SESSIONS } from '../support/pgbouncer.js';
import type { NodeProcess } from './node-process.js';
import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

/** What belongs to a session, and whoever gets it next would find in it. */
const LEFT_BEHIND = `
  select name from pg_prepared_statements union all select pg_listening_channels()
  union all select name from pg_settings where name in ('lock_timeout', 'default_transaction_isolation') and source = 'session'`;

/** Of all sessions of the pooler: each is held until all are, so that none is missed. */
async function leftBehind(url: string): Promise<readonly string[]> {
  const pool = new Pool({ connectionString: url, max: SERVER_SESSIONS });
  try {
    const clients = await Promise.all(Array.from({ length: SERVER_SESSIONS }, async () => pool.connect()));
    await Promise.all(clients.map(async (client) => client.query('begin')));
    const found = await Promise.all(clients.map(async (client) => client.query<{ name: string }>(LEFT_BEHIND)));
    for (const client of clients) client.release(true);
    return found.flatMap(({ rows }) => rows.map(({ name }) => name));
  } finally {
    await pool.end();
  }
}

/** What nodes have open on the server; not what the test has. */
const SESSIONS = "select from pg_stat_activity where datname = current_database() and application_name <> 'the test'";

describeBehindPgBouncer('nodes behind PgBouncer', (pooler) => {
  describeProcesses('that pools transactions', (stage) => {
    const boot = async (name: string, worker = {}): Promise<NodeProcess> =>
      stage().boot(name, { pooled: true, worker }, { databaseUrl: pooler().through(stage().database.url) });

    it(
      'R6: run, unwind and commit what another process starts, in a transaction of its own or without, over sessions that nobody has for himself',
      async () => {
        const [caller] = await Promise.all([boot('caller', { enabled: false }), boot('first'), boot('second')]);
        const journeys = await Promise.all(Array.from({ length: 20 }, async () => caller.start({ saga: 'journey', plan: {} })));
        const undone = await caller.start({ saga: 'journey', plan: { refuses: 'approve' } });
        const paid = await caller.start({ saga: 'account', plan: {} });
        const paidBack = await caller.start({ saga: 'account', plan: { refuses: 'approve' } });

        for (const saga of journeys) {
          await stage().reached(saga, 'completed');
          expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
        }
        await stage().reached(undone, 'compensated');
        expect(await stage().done(undone)).toEqual({ flight: 1, hotel: 1, approve: 1, cancelHotel: 1, cancelFlight: 1 });
        await stage().reached(paid, 'completed');
        expect(await stage().deposits(paid)).toHaveLength(1);
        await stage().reached(paidBack, 'compensated');
        expect(await stage().deposits(paidBack)).toEqual([]);

        const started = caller.start({ saga: 'journey', plan: {}, commitsAt: 'commit' });
        const recorded = await stage().until(
          async () => stage().query<{ id: string }>("select saga_id as id from occurrence where what = 'recorded'"),
          (rows) => rows.length > 0,
        );
        expect(await stage().query('select from saga.saga_instance where id = $1', [recorded[0]?.id])).toEqual([]);
        await stage().openGate('commit');
        await stage().reached(await started, 'completed');

        expect(await leftBehind(pooler().through(stage().database.url))).toEqual([]);
        expect((await stage().query(SESSIONS)).length).toBeLessThanOrEqual(SERVER_SESSIONS);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'R18, R19: take over the sagas of one that is killed, when its lease is over',
      async () => {
        const [first] = await Promise.all([boot('first'), boot('second')]);
        const forward = await first.start({ saga: 'journey', plan: { gates: { hotel: 'go' } } });
        const unwinding = await first.start({ saga: 'journey', plan: { refuses: 'approve', gates: { cancelHotel: 'go' } } });
        const transactional = await first.start({ saga: 'account', plan: { gates: { deposit: 'go' } } });
        await stage().seen(forward, { what: 'began', deed: 'hotel', node: 'first' });
        await stage().seen(unwinding, { what: 'began', deed: 'cancelHotel', node: 'first' });
        await stage().seen(transactional, { what: 'began', deed: 'deposit', node: 'first' });
        // Neither says of a session: nothing but the lease tells of its death.
        expect(await stage().query('select session_lock from saga.saga_node')).toEqual([{ session_lock: null }, { session_lock: null }]);
        await first.kill();

        await stage().seen(forward, { what: 'began', deed: 'hotel', node: 'second' });
        await stage().openGate('go');
        await stage().reached(forward, 'completed');
        expect(await stage().done(forward)).toEqual({ flight: 1, hotel: 1, approve: 1 });
        await stage().reached(unwinding, 'compensated');
        expect(await stage().done(unwinding)).toEqual({ flight: 1, hotel: 1, approve: 1, cancelHotel: 1, cancelFlight: 1 });
        await stage().reached(transactional, 'completed');
        expect(await stage().deposits(transactional)).toEqual(['second']);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'R19: take over the sagas of one that has sessions of its own, and is killed, long before its lease is over',
      async () => {
        const lease = '1h';
        const [first] = await Promise.all([stage().boot('first', { worker: { lease } }), boot('second', { lease })]);
        const saga = await first.start({ saga: 'journey', plan: { gates: { hotel: 'go' } } });
        await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'first' });
        await first.kill();

        await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'second' });
        await stage().openGate('go');
        await stage().reached(saga, 'completed');
        expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
      },
      TEST_TIMEOUT_MS,
    );
  });
});
