import type { Duration } from 'nestjs-sagas';

import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

/** So long that whoever takes up a saga in time cannot have waited for it. */
const LEASE = '10m';

describeProcesses('R22: a node is stopped (SIGTERM)', (stage) => {
  const boot = async (name: string, shutdownTimeout: Duration) => stage().boot(name, { worker: { lease: LEASE, shutdownTimeout } });

  it(
    'lets an attempt end within shutdownTimeout; the rest of the saga is taken up at once',
    async () => {
      const [first] = await Promise.all([boot('first', '30s'), boot('second', '30s')]);
      const saga = await first.start({ saga: 'journey', plan: { gates: { flight: 'flight' } } });
      await stage().seen(saga, { what: 'began', deed: 'flight', node: 'first' });
      first.signal('SIGTERM');
      // It drains as soon as it takes up nothing more: what it starts goes to others.
      await stage().until(
        async () => (await stage().saga(await first.start({ saga: 'journey', plan: {} }))).owner,
        (owner) => owner === null,
      );
      await stage().openGate('flight');

      expect(await first.exited).toEqual({ code: 0, signal: null });
      await stage().reached(saga, 'completed');
      expect(await stage().occurrences(saga, { what: 'began' })).toMatchObject([
        { deed: 'flight', node: 'first' },
        { deed: 'hotel', node: 'second' },
        { deed: 'approve', node: 'second' },
      ]);
      expect(await stage().occurrences(saga, { what: 'aborted' })).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['then aborts it', false],
    ['and waits for no method that does not heed its signal', true],
  ])(
    'gives an attempt shutdownTimeout, %s: it is made again elsewhere at once, and is no crash',
    async (_, deaf) => {
      const [first] = await Promise.all([boot('first', '300ms'), boot('second', '300ms')]);
      const saga = await first.start({ saga: 'journey', plan: { deaf, gates: { hotel: 'hotel' } } });
      const other = await first.start({ saga: 'journey', plan: { deaf, refuses: 'hotel', gates: { cancelFlight: 'hotel' } } });
      await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'first' });
      await stage().seen(other, { what: 'began', deed: 'cancelFlight', node: 'first' });
      first.signal('SIGTERM');

      expect(await first.exited).toEqual({ code: 0, signal: null });
      await stage().openGate('hotel@second');
      await stage().reached(saga, 'completed');
      await stage().reached(other, 'compensated');
      expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
      expect(await stage().done(other)).toEqual({ flight: 1, hotel: 1, cancelFlight: 1 });
      expect(await stage().occurrences(saga, { what: 'aborted' })).toMatchObject([{ deed: 'hotel', node: 'first' }]);
      const interrupted = { kind: 'attempt-interrupted', why: 'stop', attempt: 1 };
      expect(await stage().journal(saga)).toContainEqual(expect.objectContaining({ ...interrupted, step: 'hotel' }));
      expect(await stage().journal(other)).toContainEqual(
        expect.objectContaining({ ...interrupted, step: 'flight', direction: 'compensation' }),
      );
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'gives back a transactional step, too: its transaction is rolled back',
    async () => {
      const [first] = await Promise.all([boot('first', '300ms'), boot('second', '300ms')]);
      const saga = await first.start({ saga: 'account', plan: { gates: { deposit: 'deposit' } } });
      await stage().seen(saga, { what: 'began', deed: 'deposit', node: 'first' });
      first.signal('SIGTERM');

      expect(await first.exited).toEqual({ code: 0, signal: null });
      await stage().openGate('deposit@second');
      await stage().reached(saga, 'completed');
      expect(await stage().deposits(saga)).toEqual(['second']);
    },
    TEST_TIMEOUT_MS,
  );
});
