import { DataSource } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { CreateStock1763800000000 } from '../migrations/1763800000000-create-stock.js';
import { AddWarehouses1764200000000 } from '../migrations/1764200000000-add-warehouses.js';
import { Reservation } from './reservation.entity.js';
import { Stock } from './stock.entity.js';

/** To make a database, and to drop it. */
const SLOW_MACHINE_MS = 30_000;

describe('the tables of the inventory', () => {
  let database: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    source = new DataSource({
      type: 'postgres',
      url: database.url,
      entities: [Stock, Reservation],
      migrations: [CreateStock1763800000000, AddWarehouses1764200000000],
    });
    await source.initialize();
    await source.runMigrations();
    await source.getRepository(Stock).insert({ sku: 'CLAY-POT', warehouse: 'south', seeded: 5, available: 5 });
  }, SLOW_MACHINE_MS);

  afterAll(async () => {
    await source.destroy();
    await database.drop();
  }, SLOW_MACHINE_MS);

  it('refuse goods that vanish', async () => {
    const lost = source.getRepository(Stock).update({ sku: 'CLAY-POT' }, { available: 4 });
    await expect(lost).rejects.toThrow('stock_is_constant');
  });

  it('refuse more than there is', async () => {
    const sold = source.getRepository(Stock).update({ sku: 'CLAY-POT' }, { available: -1, reserved: 6 });
    await expect(sold).rejects.toThrow('stock_available_check');
  });

  it('refuse a second reservation for the same line of an order', async () => {
    const reservations = source.getRepository(Reservation);
    const reservation = { orderId: 'order-1', line: 1, sku: 'CLAY-POT', quantity: 1, state: 'reserved' } as const;
    await reservations.insert(reservation);
    await expect(reservations.insert(reservation)).rejects.toThrow('reservations_pkey');
    await reservations.insert({ ...reservation, line: 2 });
  });
});
