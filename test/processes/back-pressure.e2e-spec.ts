import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

const CONCURRENCY = 5;
const SAGAS = 30;

describeProcesses('a node with more sagas than places is killed', (stage) => {
  it(
    'R19, R34: those that waited for a place run elsewhere, as many at once as that node has places for',
    async () => {
      const worker = { concurrency: CONCURRENCY };
      const owned = async (): Promise<number> => (await stage().query('select from saga.saga_instance where owner is not null')).length;
      const first = await stage().boot('first', { worker });
      const plan = { gates: { hotel: 'hotel' } };
      const sagas = await Promise.all(Array.from({ length: SAGAS }, async () => first.start({ saga: 'journey', plan })));
      await stage().until(
        async () => stage().query("select from occurrence where what = 'began' and deed = 'hotel'"),
        (began) => began.length === CONCURRENCY,
      );
      expect(await owned()).toBe(CONCURRENCY);
      await first.kill();

      await stage().boot('second', { worker });
      await stage().until(
        async () => stage().query("select from occurrence where what = 'began' and deed = 'hotel' and node = 'second'"),
        (began) => began.length === CONCURRENCY,
      );
      expect(await owned()).toBeLessThanOrEqual(2 * CONCURRENCY); // those of the first, until its lease is over
      await stage().openGate('hotel');
      for (const saga of sagas) await stage().reached(saga, 'completed');
      const begunByFirst = await stage().query("select distinct saga_id from occurrence where node = 'first'");
      expect(begunByFirst).toHaveLength(CONCURRENCY);
      for (const saga of sagas) expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
    },
    TEST_TIMEOUT_MS,
  );
});
