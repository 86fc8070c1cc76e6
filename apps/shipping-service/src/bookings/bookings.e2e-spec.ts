import { DataSource } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { CreateBookings1763800000000 } from '../migrations/1763800000000-create-bookings.js';
import { SplitShipments1764200000000 } from '../migrations/1764200000000-split-shipments.js';
import { BookingRecord } from './booking.entity.js';

/** To make a database, and to drop it. */
const SLOW_MACHINE_MS = 30_000;

describe('the diary of the carriers', () => {
  let database: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    const migrations = [CreateBookings1763800000000, SplitShipments1764200000000];
    source = new DataSource({ type: 'postgres', url: database.url, entities: [BookingRecord], migrations });
    await source.initialize();
    await source.runMigrations();
    await source.getRepository(BookingRecord).insert(parcel);
  }, SLOW_MACHINE_MS);

  afterAll(async () => {
    await source.destroy();
    await database.drop();
  }, SLOW_MACHINE_MS);

  const parcel = { trackingId: 't1', orderId: 'order-1', warehouse: 'north', destination: 'Bern', carrier: 'x', state: 'booked' } as const;

  it('has a parcel from each warehouse for an order, and refuses a second one', async () => {
    const bookings = source.getRepository(BookingRecord);
    await bookings.insert({ ...parcel, trackingId: 't2', warehouse: 'south' });
    await expect(bookings.insert({ ...parcel, trackingId: 't3' })).rejects.toThrow('one_parcel_a_warehouse');
  });

  it('refuses to send a carrier away while the parcel has its label', async () => {
    const bookings = source.getRepository(BookingRecord);
    await bookings.update({ trackingId: 't1' }, { labelled: true });
    await expect(bookings.update({ trackingId: 't1' }, { state: 'cancelled' })).rejects.toThrow('labelled_travels');
    await bookings.update({ trackingId: 't1' }, { labelled: false });
    await bookings.update({ trackingId: 't1' }, { state: 'cancelled' });
  });
});
