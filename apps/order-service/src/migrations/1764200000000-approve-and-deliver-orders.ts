import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A dear order is paid only if a person approved it. An order travels in several parcels, and says when the last one arrived. */
export class ApproveAndDeliverOrders1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table orders
        add needs_approval boolean not null default false,
        add approved_by    text,
        add tracking_ids   text[],
        add delivered_at   timestamptz,
        drop constraint orders_state_check,
        drop constraint approved_has_capture,
        drop constraint approved_has_tracking,
        add constraint orders_state_check check (state in ('PENDING', 'APPROVED', 'DELIVERED', 'REJECTED', 'CANCELLED')),
        add constraint approved_has_capture check ((state in ('APPROVED', 'DELIVERED')) = (capture_id is not null)),
        add constraint dear_has_approval check (not needs_approval or state not in ('APPROVED', 'DELIVERED') or approved_by is not null),
        add constraint delivered_has_date check ((state = 'DELIVERED') = (delivered_at is not null))`);
    await runner.query('update orders set tracking_ids = array[tracking_id] where tracking_id is not null');
    await runner.query(`
      alter table orders
        drop tracking_id,
        add constraint approved_has_tracking check ((state in ('APPROVED', 'DELIVERED')) = (tracking_ids is not null))`);
    await runner.query(`create index orders_to_approve on orders (placed_at) where needs_approval and state = 'PENDING'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table orders
        drop constraint delivered_has_date,
        drop constraint dear_has_approval,
        drop constraint approved_has_tracking,
        drop constraint approved_has_capture,
        drop constraint orders_state_check`);
    await runner.query('alter table orders add tracking_id text unique');
    await runner.query('update orders set tracking_id = tracking_ids[1]');
    await runner.query(`update orders set state = 'APPROVED' where state = 'DELIVERED'`);
    await runner.query(`
      alter table orders
        drop needs_approval,
        drop approved_by,
        drop tracking_ids,
        drop delivered_at,
        add constraint orders_state_check check (state in ('PENDING', 'APPROVED', 'REJECTED', 'CANCELLED')),
        add constraint approved_has_capture check ((state = 'APPROVED') = (capture_id is not null)),
        add constraint approved_has_tracking check ((state = 'APPROVED') = (tracking_id is not null))`);
  }
}
