import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

describeProcesses('a node is killed (SIGKILL)', (stage) => {
  it(
    'R19: in mid-step: another node makes the attempt again and ends the saga',
    async () => {
      const [first] = await Promise.all([stage().boot('first'), stage().boot('second')]);
      const saga = await first.start({ saga: 'journey', plan: { gates: { hotel: 'hotel' } } });
      await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'first' });
      await first.kill();

      await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'second' });
      await stage().openGate('hotel');
      await stage().reached(saga, 'completed');
      expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
      expect(await stage().occurrences(saga, { what: 'done', node: 'first' })).toMatchObject([{ deed: 'flight' }]);
      expect(await stage().journal(saga)).toContainEqual(
        expect.objectContaining({ kind: 'attempt-interrupted', step: 'hotel', attempt: 1, why: 'crash' }),
      );
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'R19: in mid-compensation: none is skipped, and none runs again after its completion',
    async () => {
      const [first] = await Promise.all([stage().boot('first'), stage().boot('second')]);
      const saga = await first.start({ saga: 'journey', plan: { refuses: 'approve', gates: { cancelFlight: 'cancelFlight' } } });
      await stage().seen(saga, { what: 'began', deed: 'cancelFlight', node: 'first' });
      await first.kill();

      await stage().seen(saga, { what: 'began', deed: 'cancelFlight', node: 'second' });
      await stage().openGate('cancelFlight');
      await stage().reached(saga, 'compensated');
      expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1, cancelHotel: 1, cancelFlight: 1 });
      expect(await stage().occurrences(saga, { node: 'second' })).not.toContainEqual(expect.objectContaining({ deed: 'cancelHotel' }));
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'R18: in a transactional step: its transaction is gone with it, and the deposit is made once',
    async () => {
      const [first] = await Promise.all([stage().boot('first'), stage().boot('second')]);
      const saga = await first.start({ saga: 'account', plan: { gates: { deposit: 'deposit' } } });
      await stage().seen(saga, { what: 'began', deed: 'deposit', node: 'first' });
      await first.kill();

      await stage().openGate('deposit');
      await stage().reached(saga, 'completed');
      expect(await stage().deposits(saga)).toEqual(['second']);
    },
    TEST_TIMEOUT_MS,
  );
});

describeProcesses('a step that kills its process', (stage) => {
  it(
    'R21: at the fifth time its saga is stuck and says why; the others live',
    async () => {
      const boot = async (name: string) => stage().boot(name, { worker: { lease: '1s' } });
      let node = await boot('node 1');
      const poison = await node.start({ saga: 'journey', plan: { exits: 'hotel' } });
      for (let crash = 1; crash <= 5; crash += 1) {
        expect(await node.exited).toEqual({ code: 1, signal: null });
        node = await boot(`node ${crash + 1}`);
      }
      const { failure } = await stage().reached(poison, 'stuck');
      expect(failure).toMatchObject({ step: 'hotel', code: 'SAGA_POISON_STEP', message: 'its node died 5 times while this step ran' });
      expect(await stage().occurrences(poison, { what: 'began', deed: 'hotel' })).toHaveLength(5);
      expect(await stage().done(poison)).toEqual({ flight: 1 });

      const other = await node.start({ saga: 'journey', plan: {} });
      await stage().reached(other, 'completed');
      expect(node.isRunning).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );
});
