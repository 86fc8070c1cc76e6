import { DataSource } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../test/support/test-database.js';
import { CreateOrders1763800000000 } from '../migrations/1763800000000-create-orders.js';
import { ApproveAndDeliverOrders1764200000000 } from '../migrations/1764200000000-approve-and-deliver-orders.js';
import { Order } from './order.entity.js';

/** To make a database, and to drop it. */
const SLOW_MACHINE_MS = 30_000;

describe('the table of the orders', () => {
  let database: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    source = new DataSource({
      type: 'postgres',
      url: database.url,
      entities: [Order],
      migrations: [CreateOrders1763800000000, ApproveAndDeliverOrders1764200000000],
    });
    await source.initialize();
    await source.runMigrations();
    const sagaId = '0198c0de-0000-7000-8000-000000000000';
    const lines = [{ line: 1, sku: 'CLAY-POT', quantity: 1, cents: 900 }];
    await source.getRepository(Order).insert({
      orderId: 'order-1',
      sagaId,
      customerId: 'ann',
      destination: 'Bern',
      lines,
      cents: 900,
      needsApproval: true,
      state: 'PENDING',
    });
  }, SLOW_MACHINE_MS);

  afterAll(async () => {
    await source.destroy();
    await database.drop();
  }, SLOW_MACHINE_MS);

  const become = (change: Partial<Order>) => source.getRepository(Order).update({ orderId: 'order-1' }, change);

  it('refuses an approval without a capture, and one without a booking', async () => {
    await expect(become({ state: 'APPROVED', trackingIds: ['track_1'], approvedBy: 'eve' })).rejects.toThrow('approved_has_capture');
    await expect(become({ state: 'APPROVED', captureId: 'cap_1', approvedBy: 'eve' })).rejects.toThrow('approved_has_tracking');
  });

  it('refuses to have an order paid that a person had to approve, and did not', async () => {
    await expect(become({ state: 'APPROVED', captureId: 'cap_1', trackingIds: ['track_1'] })).rejects.toThrow('dear_has_approval');
  });

  it('refuses a delivery without its date', async () => {
    const delivered = { state: 'DELIVERED', captureId: 'cap_1', trackingIds: ['track_1'], approvedBy: 'eve' } as const;
    await expect(become(delivered)).rejects.toThrow('delivered_has_date');
  });

  it('refuses a rejection without a reason', async () => {
    await expect(become({ state: 'REJECTED' })).rejects.toThrow('refusal_has_reason');
  });

  it('takes an order to its end', async () => {
    await become({ state: 'APPROVED', captureId: 'cap_1', trackingIds: ['track_1'], approvedBy: 'eve' });
    await become({ state: 'DELIVERED', deliveredAt: new Date() });
    await expect(source.getRepository(Order).findOneByOrFail({ orderId: 'order-1' })).resolves.toMatchObject({ state: 'DELIVERED' });
  });

  it('can be taken back to what it was before approvals, its orders with it', async () => {
    await source.undoLastMigration();
    await expect(source.query('select order_id, state from orders')).resolves.toEqual([{ order_id: 'order-1', state: 'APPROVED' }]);
  });
});
