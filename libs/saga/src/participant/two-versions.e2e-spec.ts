import { BROKER_MS, describeOverEachTransport, type Wire } from '../../../../test/support/transports.js';
import { createTestDatabase, LedgerService, newStep, send, type TestDatabase } from './participant.fixture.js';

const STEPS = 20;
/** Of each step, while both versions are there. Over Redis both get each command, and either may be first. */
const ATTEMPTS = 4;

/** What an attempt may be told while a version is there that does not know its command. */
const NOT_DONE = ['SAGA_UNKNOWN_COMMAND', 'SAGA_ATTEMPT_OVER'];

describeOverEachTransport('two versions of a participant at once', (transport) => {
  let database: TestDatabase;
  let wires: readonly Wire[];

  beforeAll(async () => {
    database = await createTestDatabase();
    const wire = await transport.open();
    // Over TCP each has a port of its own, and a balancer before them.
    wires = transport.hasBroker ? [wire, wire] : [wire, await transport.open()];
  }, BROKER_MS);

  afterAll(() => database.drop());

  it(
    'R24, R26: a rolling deploy: each command is done by the newer one, once, at the latest when the older one is gone',
    async () => {
      const newer = await LedgerService.start(database.url, wires[0]);
      const older = await LedgerService.start(database.url, wires[1], { handlers: [] });
      const steps = Array.from({ length: STEPS }, () => ({ ...newStep(), attempts: 0, isDone: false }));
      const sendAll = async (clients: readonly LedgerService['client'][]): Promise<void> => {
        const open = steps.filter(({ isDone }) => !isDone);
        await Promise.all(
          open.map(async (step, index) => {
            step.attempts += 1;
            const [client = newer.client] = [clients[(index + step.attempts) % clients.length]];
            const reply = await send(client, step.action({ attempt: step.attempts }));
            if (reply.kind !== 'succeeded') expect(reply).toMatchObject({ kind: 'failed', effect: 'none' });
            if (reply.kind === 'failed') expect(NOT_DONE).toContain(reply.error.code);
            step.isDone = reply.kind === 'succeeded';
          }),
        );
      };
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) await sendAll([newer.client, older.client]);
      await older.stop();
      await sendAll([newer.client]);
      expect(steps.filter(({ isDone }) => !isDone)).toEqual([]);
      for (const { account } of steps) expect(await newer.lines(account)).toEqual(['deposit']);
      expect(newer.script.calls.toSorted()).toEqual(steps.map(({ account }) => `deposit ${account}`).toSorted());
      await newer.stop();
    },
    BROKER_MS,
  );
});
