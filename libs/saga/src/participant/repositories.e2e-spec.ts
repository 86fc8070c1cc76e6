import { DataSource, Repository } from 'typeorm';

import { StepRejected } from '../planning/step-errors.js';
import { createTestDatabase, LedgerService, Line, newStep, type TestDatabase, type Visit } from './participant.fixture.js';

/** As the NestJS documentation has custom repositories: a provider with a constructor of its own. */
class LineRepository extends Repository<Line> {
  constructor(dataSource: DataSource) {
    super(Line, dataSource.createEntityManager());
  }
  async book(account: string): Promise<void> {
    await this.insert({ account, done: 'booked' });
  }
}

describe('repositories in a handler', () => {
  let database: TestDatabase;
  let ledger: LedgerService;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url);
  });
  afterAll(async () => {
    await ledger.stop();
    await database.drop();
  });

  it.each(['commits', 'is refused'])('R25: extended ones keep their methods, and take part: %s', async (how) => {
    const { account, action } = newStep();
    const lines = ledger.database.getRepository(Line).extend({
      async book(this: Repository<Line>, of: string) {
        await this.insert({ account: of, done: 'booked' });
        return this.createQueryBuilder('line').where({ account: of }).getCount();
      },
    });
    let seen = 0;
    ledger.script.when('deposit', account, async ({ transaction }: Visit) => {
      seen = await transaction.manager.withRepository(lines).book(account);
      if (how === 'is refused') throw new StepRejected('NO');
    });
    await ledger.send(action());
    expect(seen).toBe(2);
    expect(await ledger.lines(account)).toEqual(how === 'commits' ? ['deposit', 'booked'] : []);
  });

  it('R25: one whose constructor is its own TypeORM cannot bind: nothing is done, and the step may be tried again', async () => {
    const { account, action } = newStep();
    const lines = new LineRepository(ledger.database);
    ledger.script.when('deposit', account, async ({ transaction }: Visit) => transaction.manager.withRepository(lines).book(account));
    expect(await ledger.send(action())).toMatchObject({
      kind: 'failed',
      error: { message: expect.stringContaining('createEntityManager is not a function') },
      effect: 'none',
    });
    expect(await ledger.lines(account)).toEqual([]);
  });
});
