import { openDatabase } from './database.js';

describe('a database that a service cannot use', () => {
  it('is named with the variable that leads there, without its password', async () => {
    const opening = openDatabase({ type: 'postgres', url: 'postgres://ann:secret@127.0.0.1:1/orders' });
    await expect(opening).rejects.toThrow(
      /^Cannot use the database at 127\.0\.0\.1:1\/orders: .*ECONNREFUSED.*\. Start it, or mend DATABASE_URL\.$/,
    );
    await expect(opening).rejects.not.toThrow('secret');
  });
});
