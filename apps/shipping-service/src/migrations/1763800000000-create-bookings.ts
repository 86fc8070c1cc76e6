import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The carriers' diary: an order has one booking at most, so that no parcel goes twice. */
export class CreateBookings1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table bookings (
        tracking_id text primary key,
        order_id    text not null unique,
        destination text not null,
        carrier     text not null,
        state       text not null check (state in ('booked', 'cancelled'))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table bookings');
  }
}
