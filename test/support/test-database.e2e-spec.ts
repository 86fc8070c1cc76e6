import { Client } from 'pg';
import { createTestDatabase } from './test-database.js';

describe('createTestDatabase', () => {
  it('gives two callers two databases, and removes one with its connections', async () => {
    const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(first.url).not.toBe(second.url);

    const left = new Client({ connectionString: first.url });
    left.on('error', () => undefined); // the server ends it with the database
    await left.connect();
    await left.query('create table a (id int)');
    const right = new Client({ connectionString: second.url });
    await right.connect();
    await right.query('create table a (id int)');
    await right.end();

    await first.drop();
    await second.drop();
    await expect(new Client({ connectionString: first.url }).connect()).rejects.toThrow(/does not exist/);
  });
});
