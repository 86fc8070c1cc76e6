import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

describeProcesses('a node is frozen past its lease (SIGSTOP), and goes on (SIGCONT)', (stage) => {
  it(
    'R18: it changes nothing in the saga that it lost, aborts what it ran, and takes new sagas under a new id',
    async () => {
      const [first] = await Promise.all([stage().boot('first'), stage().boot('second')]);
      const saga = await first.start({ saga: 'journey', plan: { gates: { hotel: 'hotel' } } });
      await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'first' });
      const { owner } = await stage().saga(saga);
      first.signal('SIGSTOP');

      await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'second' });
      await stage().openGate('hotel@second');
      await stage().reached(saga, 'completed');
      const journal = await stage().journal(saga);
      first.signal('SIGCONT');

      await stage().seen(saga, { what: 'aborted', deed: 'hotel', node: 'first' });
      const next = await first.start({ saga: 'journey', plan: { gates: { hotel: 'next' } } });
      await stage().seen(next, { what: 'began', deed: 'hotel' });
      expect((await stage().saga(next)).owner).not.toBe(owner);
      await stage().until(
        async () => stage().nodeIds(),
        (ids) => ids.length === 2 && !ids.includes(owner ?? ''),
      );
      await stage().openGate('next');
      await stage().reached(next, 'completed');
      expect(await stage().journal(saga)).toEqual(journal);
      expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'R18: a step that does not heed its signal ends too late: its result is dropped, and nothing follows from it',
    async () => {
      const [first] = await Promise.all([stage().boot('first'), stage().boot('second')]);
      const saga = await first.start({ saga: 'journey', plan: { deaf: true, gates: { hotel: 'hotel' } } });
      await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'first' });
      first.signal('SIGSTOP');

      await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'second' });
      first.signal('SIGCONT');
      await stage().openGate('hotel@first');
      await stage().seen(saga, { what: 'done', deed: 'hotel', node: 'first' });
      const another = await first.start({ saga: 'journey', plan: {} });
      await stage().reached(another, 'completed');

      await stage().openGate('hotel@second');
      await stage().reached(saga, 'completed');
      expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 2, approve: 1 });
      expect(await stage().occurrences(saga, { what: 'began', deed: 'approve' })).toMatchObject([{ node: 'second' }]);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([false, true])(
    'R18: its open transaction does not commit (its step heeds no signal: %s)',
    async (deaf) => {
      const [first] = await Promise.all([stage().boot('first'), stage().boot('second')]);
      const saga = await first.start({ saga: 'account', plan: { deaf, gates: { deposit: 'deposit' } } });
      await stage().seen(saga, { what: 'began', deed: 'deposit', node: 'first' });
      first.signal('SIGSTOP');

      await stage().seen(saga, { what: 'began', deed: 'deposit', node: 'second' });
      await stage().openGate('deposit@second');
      await stage().reached(saga, 'completed');
      const journal = await stage().journal(saga);
      await stage().openGate('deposit@first');
      first.signal('SIGCONT');

      await stage().seen(saga, { what: 'aborted', deed: 'deposit', node: 'first' });
      await stage().until(
        async () => stage().openTransactions(),
        (count) => count === 0,
      );
      expect(await stage().deposits(saga)).toEqual(['second']);
      expect(await stage().journal(saga)).toEqual(journal);
    },
    TEST_TIMEOUT_MS,
  );
});
