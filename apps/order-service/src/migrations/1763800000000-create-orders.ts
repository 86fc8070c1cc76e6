import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The orders. An approved one has a capture and a booking; one that came to nothing says why. */
export class CreateOrders1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table orders (
        order_id    text primary key,
        saga_id     uuid not null unique,
        customer_id text not null,
        destination text not null,
        lines       jsonb not null,
        cents       integer not null check (cents > 0),
        state       text not null check (state in ('PENDING', 'APPROVED', 'REJECTED', 'CANCELLED')),
        reason      text,
        capture_id  text unique,
        tracking_id text unique,
        placed_at   timestamptz not null default now(),
        constraint approved_has_capture check ((state = 'APPROVED') = (capture_id is not null)),
        constraint approved_has_tracking check ((state = 'APPROVED') = (tracking_id is not null)),
        constraint refusal_has_reason check ((state in ('REJECTED', 'CANCELLED')) = (reason is not null))
      )`);
    await runner.query('create index orders_by_state on orders (state, placed_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table orders');
  }
}
