import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

const WRONG_CLOCK = new URL('node/wrong-clock.js', import.meta.url).href;
const DAY_MS = 86_400_000;

/** An id (uuid v7) begins with the milliseconds of the clock where it was made. */
const wallClockOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

describeProcesses('R20: the clocks of nodes are wrong by days', (stage) => {
  const boot = async (name: string, days: number) =>
    stage().boot(name, {}, { preloads: [WRONG_CLOCK], environment: { WRONG_BY_MS: String(days * DAY_MS) } });

  it(
    'leases, retries and deadlines are as they would be: the clock of the database decides',
    async () => {
      const [early, late] = await Promise.all([boot('early', -30), boot('late', 30)]);
      const [before] = await stage().query<{ now: Date }>('select clock_timestamp() as now');
      const ids = await Promise.all(
        [early, late].map(async (node) => node.start({ saga: 'journey', plan: { fails: { flight: 2 }, gates: { hotel: 'hotel' } } })),
      );
      const [earlyId, lateId] = ids.map(wallClockOf);
      expect(lateId! - earlyId!).toBeGreaterThan(59 * DAY_MS);
      for (const saga of ids) await stage().seen(saga, { what: 'began', deed: 'hotel' });

      // Neither takes the lease of the other for one that has run out, nor its deadline of 10 minutes for one that has passed.
      const leases = await stage().nodeIds();
      expect(leases).toHaveLength(2);
      await late.kill();
      await stage().seen(ids[1]!, { what: 'began', deed: 'hotel', node: 'early' });
      await stage().openGate('hotel');
      for (const saga of ids) await stage().reached(saga, 'completed');
      for (const saga of ids) expect(await stage().done(saga)).toEqual({ flight: 3, hotel: 1, approve: 1 });

      const [odd] = await stage().query<{ count: number }>(
        `select count(*)::int from saga.saga_journal where at not between $1::timestamptz - interval '1 second' and clock_timestamp() + interval '1 second'`,
        [before?.now],
      );
      expect(odd?.count).toBe(0);
    },
    TEST_TIMEOUT_MS,
  );
});
