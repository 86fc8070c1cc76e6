import { describeProcesses, TEST_TIMEOUT_MS } from './stage.js';

describeProcesses('a saga that another process started', (stage) => {
  it(
    'is taken up when its start is durable; inside the transaction of its caller, not before the commit [R6]',
    async () => {
      const [caller] = await Promise.all([stage().boot('caller', { worker: { enabled: false } }), stage().boot('worker')]);
      const direct = await caller.start({ saga: 'journey', plan: {} });
      await stage().reached(direct, 'completed');

      const started = caller.start({ saga: 'journey', plan: {}, commitsAt: 'commit' });
      const recorded = await stage().until(
        async () => stage().query<{ id: string }>("select saga_id as id from occurrence where what = 'recorded'"),
        (rows) => rows.length > 0,
      );
      expect(await stage().query('select from saga.saga_instance where id = $1', [recorded[0]?.id])).toEqual([]);
      await stage().openGate('commit');
      const saga = await started;
      expect(saga).toBe(recorded[0]?.id);
      await stage().reached(saga, 'completed');
      expect(await stage().occurrences(saga, { what: 'began', node: 'caller' })).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is taken up although nobody was told of it: a worker looks by itself',
    async () => {
      // Behind a transaction pooler nothing listens.
      const [caller] = await Promise.all([
        stage().boot('caller', { worker: { enabled: false } }),
        stage().boot('worker', { pooled: true }),
      ]);
      expect(await stage().listeners()).toHaveLength(1);
      const saga = await caller.start({ saga: 'journey', plan: {} });
      await stage().reached(saga, 'completed');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'R18: runs on one node, though several race for it',
    async () => {
      const lease = '1m';
      const [caller] = await Promise.all([
        stage().boot('caller', { worker: { enabled: false } }),
        stage().boot('first', { worker: { lease } }),
        stage().boot('second', { worker: { lease } }),
      ]);
      const sagas = await Promise.all(Array.from({ length: 40 }, async () => caller.start({ saga: 'journey', plan: {} })));
      for (const saga of sagas) await stage().reached(saga, 'completed');
      for (const saga of sagas) expect(await stage().done(saga)).toEqual({ flight: 1, hotel: 1, approve: 1 });
      expect(await stage().query('select from occurrence where attempt > 1')).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});
