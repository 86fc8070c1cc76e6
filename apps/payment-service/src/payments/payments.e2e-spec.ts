import { DataSource } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { CreatePayments1763800000000 } from '../migrations/1763800000000-create-payments.js';
import { Account } from './account.entity.js';
import { AuthorizationRecord } from './authorization.entity.js';
import { CaptureRecord } from './capture.entity.js';

/** To make a database, and to drop it. */
const SLOW_MACHINE_MS = 30_000;

describe('the tables of the payments', () => {
  let database: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    const entities = [Account, AuthorizationRecord, CaptureRecord];
    source = new DataSource({ type: 'postgres', url: database.url, entities, migrations: [CreatePayments1763800000000] });
    await source.initialize();
    await source.runMigrations();
    await source.getRepository(Account).insert({ customerId: 'ann' });
    await source
      .getRepository(AuthorizationRecord)
      .insert({ authorizationId: 'auth_1', orderId: 'order-1', customerId: 'ann', cents: 900, state: 'held' });
  }, SLOW_MACHINE_MS);

  afterAll(async () => {
    await source.destroy();
    await database.drop();
  }, SLOW_MACHINE_MS);

  const capture = { captureId: 'cap_1', orderId: 'order-1', authorizationId: 'auth_1', cents: 900 };

  it('refuse another amount than was authorized', async () => {
    const dearer = source.getRepository(CaptureRecord).insert({ ...capture, cents: 901 });
    await expect(dearer).rejects.toThrow('captures_what_was_authorized');
  });

  it('refuse to take the money of one order twice', async () => {
    const captures = source.getRepository(CaptureRecord);
    await captures.insert(capture);
    await expect(captures.insert({ ...capture, captureId: 'cap_2' })).rejects.toThrow('captures_order_id_key');
  });

  it('refuse to hold money twice for one order', async () => {
    const again = { authorizationId: 'auth_2', orderId: 'order-1', customerId: 'ann', cents: 900, state: 'held' } as const;
    await expect(source.getRepository(AuthorizationRecord).insert(again)).rejects.toThrow('authorizations_order_id_key');
  });

  it('refuse to give up more than is held', async () => {
    await expect(source.getRepository(Account).decrement({ customerId: 'ann' }, 'heldCents', 1)).rejects.toThrow(
      'accounts_held_cents_check',
    );
  });
});
