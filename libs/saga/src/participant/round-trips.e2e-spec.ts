import type { DataSource } from 'typeorm';

import { StepRejected } from '../planning/step-errors.js';
import { createTestDatabase, LedgerService, newStep, type TestDatabase } from './participant.fixture.js';

/** Of node-postgres: a server says once a round trip that it is ready for the next one. */
interface Pool {
  on(event: 'connect' | 'acquire', listener: (client: Client) => void): void;
}

interface Client {
  readonly connection: { on(event: 'readyForQuery', listener: () => void): void };
}

/** What a command costs is counted, not timed. Each handler of the ledger makes one round trip of its own. */
describe('round trips of a command to its database', () => {
  let database: TestDatabase;
  let ledger: LedgerService;
  let roundTrips = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url);
    const counted = new WeakSet<Client>();
    const { master } = ledger.database.driver as DataSource['driver'] & { readonly master: Pool };
    master.on('acquire', (client) => {
      if (counted.has(client)) return;
      counted.add(client);
      client.connection.on('readyForQuery', () => void (roundTrips += 1));
    });
  });

  afterAll(async () => {
    await ledger.stop();
    await database.drop();
  });

  async function roundTripsOf(message: unknown, kind: string): Promise<number> {
    // A connection that is made anew asks the server what it is, and prepares the statements of the fence.
    await ledger.send(newStep().action());
    roundTrips = 0;
    expect(await ledger.send(message)).toMatchObject({ kind });
    return roundTrips;
  }

  it('R25: two beside those of its handler', async () => {
    const { action, compensation } = newStep();
    expect(await roundTripsOf(action(), 'succeeded')).toBe(2 + 1);
    expect(await roundTripsOf(compensation(), 'succeeded')).toBe(2 + 1);
  });

  it('R25: two for one that is only answered', async () => {
    const { action } = newStep();
    await ledger.send(action());
    expect(await roundTripsOf(action({ attempt: 2 }), 'succeeded')).toBe(2);
  });

  it('R25: a refusal costs no more', async () => {
    const { account, action } = newStep();
    ledger.script.when('deposit', account, () => {
      throw new StepRejected('ACCOUNT_CLOSED');
    });
    expect(await roundTripsOf(action(), 'refused')).toBe(2 + 1);
  });

  it('R25: four where effects outside are recorded first', async () => {
    expect(await roundTripsOf(newStep(true).action(), 'succeeded')).toBe(2 + 2 + 1);
  });
});
