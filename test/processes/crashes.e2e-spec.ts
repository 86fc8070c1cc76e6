import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

/** So long that nobody waits for its end: who takes over has noticed that the session is gone. */
const UNENDING = { worker: { lease: '1h' } } as const;

describeProcesses('a node is killed (SIGKILL)', (stage) => {
  const bootTwo = async () => Promise.all([stage().boot('first', UNENDING), stage().boot('second', UNENDING)]);

  it(
    'R19: in mid-step: another node makes the attempt again and ends the saga',
    async () => {
      const [first] = await bootTwo();
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
      const [first] = await bootTwo();
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
      const [first] = await bootTwo();
      const saga = await first.start({ saga: 'account', plan: { gates: { deposit: 'deposit' } } });
      await stage().seen(saga, { what: 'began', deed: 'deposit', node: 'first' });
      await first.kill();

      await stage().openGate('deposit');
      await stage().reached(saga, 'completed');
      expect(await stage().deposits(saga)).toEqual(['second']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'R19, R21: with many sagas under way: all end on the other, and no attempt is made again but those that were under way',
    async () => {
      const [first] = await bootTwo();
      const plan = { gates: { hotel: 'hotel' } };
      const sagas = await Promise.all(Array.from({ length: 30 }, async () => first.start({ saga: 'journey', plan })));
      for (const saga of sagas) await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'first' });
      await first.kill();

      await stage().openGate('hotel');
      for (const saga of sagas) {
        await stage().reached(saga, 'completed');
        expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
        const again = (await stage().occurrences(saga, { what: 'began' })).filter(({ attempt }) => attempt > 1);
        expect(again).toEqual([{ what: 'began', deed: 'hotel', attempt: 2, node: 'second' }]);
      }
    },
    TEST_TIMEOUT_MS,
  );
});

describeProcesses('a session that tells others that its node lives is cut, and the node lives', (stage) => {
  const locks = async () =>
    (await stage().query<{ lock: number | null }>('select session_lock as lock from saga.saga_node')).map(({ lock }) => lock);

  it(
    'R18: its sagas end, it takes new ones, and its death is noticed by its next session',
    async () => {
      const [first] = await Promise.all([stage().boot('first'), stage().boot('second')]);
      const saga = await first.start({ saga: 'journey', plan: { gates: { hotel: 'hotel' } } });
      await stage().seen(saga, { what: 'began', deed: 'hotel', node: 'first' });
      const before = await locks();
      await stage().query(
        "select pg_terminate_backend(pid) from pg_locks join saga.saga_node on objid = session_lock where locktype = 'advisory' and id = $1",
        [(await stage().saga(saga)).owner],
      );
      await stage().until(
        locks,
        (now) => now.length === 2 && now.every((lock) => lock !== null) && now.some((lock) => !before.includes(lock)),
      );
      await stage().openGate('hotel');
      await stage().reached(saga, 'completed');
      expect(await stage().done(saga)).toMatchObject({ flight: 1, approve: 1 });
      await stage().reached(await first.start({ saga: 'journey', plan: {} }), 'completed');

      const last = await first.start({ saga: 'journey', plan: { gates: { hotel: 'last' } } });
      await stage().seen(last, { what: 'began', deed: 'hotel', node: 'first' });
      await first.kill();
      await stage().query("update saga.saga_node set lease_until = now() + interval '1 hour'");
      await stage().openGate('last@second');
      await stage().reached(last, 'completed');
    },
    TEST_TIMEOUT_MS,
  );
});

describeProcesses('a step that kills its process', (stage) => {
  it(
    'R21: at the fifth time its saga is stuck and says why; it takes no bystander with it',
    async () => {
      const boot = async (name: string) => stage().boot(name, { worker: { lease: '1s' } });
      let node = await boot('node 1');
      const early = await Promise.all(
        Array.from({ length: 4 }, async () => node.start({ saga: 'journey', plan: { gates: { hotel: 'go' } } })),
      );
      for (const bystander of early) await stage().seen(bystander, { what: 'began', deed: 'hotel' });
      const poison = await node.start({ saga: 'journey', plan: { kills: 'hotel' } });
      const late: string[] = [];
      for (let crash = 1; crash <= 5; crash += 1) {
        expect(await node.exited).toEqual({ code: null, signal: 'SIGKILL' });
        if (crash === 2) await stage().openGate('go');
        node = await boot(`node ${crash + 1}`);
        // It may be gone before it answers; what it recorded is there for the next.
        late.push(
          ...(await node.start({ saga: 'journey', plan: {} }).then(
            (id) => [id],
            () => [],
          )),
        );
      }
      const { failure } = await stage().reached(poison, 'stuck');
      expect(failure).toMatchObject({ step: 'hotel', code: 'SAGA_POISON_STEP', message: 'its node died 5 times while this step ran' });
      expect(await stage().occurrences(poison, { what: 'began', deed: 'hotel' })).toHaveLength(5);
      expect(await stage().done(poison)).toEqual({ flight: 1 });

      for (const bystander of [...early, ...late]) {
        await stage().reached(bystander, 'completed');
        const crashes = (await stage().journal(bystander)).filter(({ kind, step }) => kind === 'attempt-interrupted' && step === 'hotel');
        expect(crashes.length).toBeLessThanOrEqual(2);
      }
      expect(node.isRunning).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );
});
