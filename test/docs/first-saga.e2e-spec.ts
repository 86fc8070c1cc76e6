import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { printings, run } from './first-saga.js';

describe("the README's first saga on PostgreSQL", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('R6: prints the same as in memory, and the second time only how it ended', async () => {
    const [memory, postgres] = printings();
    const environment = { DATABASE_URL: database.url };
    expect(await run('postgres', postgres!.files, environment)).toBe(memory!.prints);
    expect(await run('postgres', postgres!.files, environment)).toBe(postgres!.prints);
  }, 60_000);
});
