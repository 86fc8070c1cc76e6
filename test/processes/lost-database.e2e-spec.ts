import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.js';
import { describeProcesses, type Stage, TEST_TIMEOUT_MS } from './stage.js';

describeProcesses('connections to the database are cut', (stage) => {
  it(
    'sagas stop where they are and go on, and the node listens again, without a restart',
    async () => {
      const [node, caller] = await Promise.all([stage().boot('node'), stage().boot('caller', { worker: { enabled: false } })]);
      const forward = await node.start({ saga: 'journey', plan: { gates: { hotel: 'hotel' } } });
      const unwinding = await node.start({ saga: 'journey', plan: { refuses: 'approve', gates: { cancelHotel: 'hotel' } } });
      const transactional = await node.start({ saga: 'account', plan: { gates: { deposit: 'hotel' } } });
      await stage().seen(forward, { what: 'began', deed: 'hotel' });
      await stage().seen(unwinding, { what: 'began', deed: 'cancelHotel' });
      await stage().seen(transactional, { what: 'began', deed: 'deposit' });
      const before = await stage().listeners();
      await stage().cutConnections();
      await stage().openGate('hotel');

      await stage().reached(forward, 'completed');
      await stage().reached(unwinding, 'compensated');
      await stage().reached(transactional, 'completed');
      expect(await stage().deposits(transactional)).toEqual(['node']);
      expect(await stage().done(forward)).toMatchObject({ flight: 1, approve: 1 });
      expect(await stage().done(unwinding)).toMatchObject({ flight: 1, hotel: 1, cancelFlight: 1 });
      await stage().until(
        async () => stage().listeners(),
        (now) => now.length === 2 && now.every(({ pid }) => !before.some((old) => old.pid === pid)),
      );
      await stage().reached(await caller.start({ saga: 'journey', plan: {} }), 'completed');
      expect(node.isRunning).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'R22: longer than the lease: the node aborts what it ran, and takes it up again when the database is back',
    async () => {
      const proxy = await startCuttingProxy(stage().database.url);
      const node = await stage().boot('node', {}, { databaseUrl: proxy.url });
      const saga = await node.start({ saga: 'journey', plan: { gates: { hotel: 'hotel' } } });
      await stage().seen(saga, { what: 'began', deed: 'hotel', attempt: 1 });
      await proxy.cutNext({ request: 'saga_node', how: 'unsent', forGood: true });
      await stage().until(
        () => node.printed,
        (printed) => printed.includes('the lease of this node is over'),
      );
      await expect(node.start({ saga: 'journey', plan: {} })).rejects.toThrow('PostgreSQL did not answer');
      proxy.restore();

      await stage().seen(saga, { what: 'aborted', deed: 'hotel', attempt: 1 });
      await stage().openGate('hotel');
      await stage().reached(saga, 'completed');
      expect(await stage().done(saga)).toMatchObject({ flight: 1, approve: 1 });
      // R21: nothing has crashed: it is none of the crashes that make a step run alone, or its saga stuck.
      const interruptions = (await stage().journal(saga)).filter(({ kind }) => kind === 'attempt-interrupted');
      expect(interruptions.map(({ why }) => why)).toEqual(['take-over']);
      await stage().reached(await node.start({ saga: 'journey', plan: {} }), 'completed');
      await node.kill();
      await proxy.close();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'R22: a node that is stopped while its database is away ends all the same',
    async () => {
      const proxy = await startCuttingProxy(stage().database.url);
      const node = await stage().boot('node', { worker: { shutdownTimeout: '100ms' } }, { databaseUrl: proxy.url });
      const saga = await node.start({ saga: 'journey', plan: { gates: { hotel: 'hotel' } } });
      await stage().seen(saga, { what: 'began', deed: 'hotel' });
      await proxy.cutNext({ request: 'saga_node', how: 'unsent', forGood: true });
      node.signal('SIGTERM');
      expect(await node.exited).toEqual({ code: 0, signal: null });
      await proxy.close();
    },
    TEST_TIMEOUT_MS,
  );
});

describeProcesses('R3: an answer of the database is lost on its way to the node', (stage) => {
  let proxy: CuttingProxy;
  const boot = async (on: Stage) => {
    proxy = await startCuttingProxy(on.database.url);
    return on.boot('node', { worker: { lease: '1m' } }, { databaseUrl: proxy.url });
  };
  afterEach(async () => proxy.close());

  it.each(['unsent', 'unanswered'] as const)(
    'of a start (%s): the saga is there once, and runs',
    async (how) => {
      const node = await boot(stage());
      const cut = proxy.cutNext({ request: 'saga_instance', how });
      const saga = await node.start({ saga: 'journey', plan: {}, key: 'once' });
      await cut;
      await stage().reached(saga, 'completed');
      expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
      expect(await stage().query('select from saga.saga_instance')).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );

  it.each(['unsent', 'unanswered'] as const)(
    'of a checkpoint (%s): it is in the journal once, and nothing is done again',
    async (how) => {
      const node = await boot(stage());
      const saga = await node.start({ saga: 'journey', plan: { gates: { hotel: 'hotel' } } });
      await stage().seen(saga, { what: 'began', deed: 'hotel' });
      const cut = proxy.cutNext({ request: 'saga_journal', how });
      await stage().openGate('hotel');
      await cut;
      await stage().reached(saga, 'completed');
      expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
      expect((await stage().journal(saga)).map(({ kind, step }) => (step === undefined ? kind : `${kind} ${step}`))).toEqual([
        'saga-started',
        'attempt-started flight',
        'step-succeeded flight',
        'attempt-started hotel',
        'step-succeeded hotel',
        'attempt-started approve',
        'step-succeeded approve',
        'saga-completed',
      ]);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['unsent', 2],
    ['unanswered', 1],
  ] as const)(
    'of the commit of a transactional step (%s): its deposit is there once',
    async (how, calls) => {
      const node = await boot(stage());
      const saga = await node.start({ saga: 'account', plan: { gates: { deposit: 'deposit' } } });
      await stage().seen(saga, { what: 'began', deed: 'deposit' });
      const cut = proxy.cutNext({ request: 'COMMIT', how });
      await stage().openGate('deposit');
      await cut;
      await stage().reached(saga, 'completed');
      expect(await stage().deposits(saga)).toEqual(['node']);
      expect(await stage().done(saga)).toEqual({ deposit: calls, approve: 1 });
    },
    TEST_TIMEOUT_MS,
  );

  it.each(['unsent', 'unanswered'] as const)(
    'of that commit (%s), and nobody can be asked: the node gives the saga up, and finds out when the database is back',
    async (how) => {
      const node = await stage().boot('node', {}, { databaseUrl: (proxy = await startCuttingProxy(stage().database.url)).url });
      const saga = await node.start({ saga: 'account', plan: { gates: { deposit: 'deposit' } } });
      await stage().seen(saga, { what: 'began', deed: 'deposit' });
      const cut = proxy.cutNext({ request: 'COMMIT', how, forGood: true });
      await stage().openGate('deposit');
      await cut;
      await stage().until(
        () => node.printed,
        (printed) => printed.includes('gave the saga up'),
      );
      proxy.restore();
      await stage().reached(saga, 'completed');
      expect(await stage().deposits(saga)).toEqual(['node']);
    },
    TEST_TIMEOUT_MS,
  );
});
