import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An order has one parcel at most from each warehouse, and no label is left on one that does not travel. */
export class SplitShipments1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table bookings
        add warehouse text not null default 'north',
        add labelled  boolean not null default false,
        drop constraint bookings_order_id_key,
        add constraint one_parcel_a_warehouse unique (order_id, warehouse),
        add constraint labelled_travels check (not labelled or state = 'booked')`);
    await runner.query('alter table bookings alter warehouse drop default');
  }

  /** Fails where an order has two parcels: there is no way back to one. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table bookings
        add constraint bookings_order_id_key unique (order_id),
        drop constraint labelled_travels,
        drop constraint one_parcel_a_warehouse,
        drop labelled,
        drop warehouse`);
  }
}
