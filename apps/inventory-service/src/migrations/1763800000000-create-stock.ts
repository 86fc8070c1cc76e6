import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The shelves. The checks make a lost or doubled reservation an error at the moment that it happens. */
export class CreateStock1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table stock (
        sku       text primary key,
        seeded    integer not null check (seeded >= 0),
        available integer not null check (available >= 0),
        reserved  integer not null default 0 check (reserved >= 0),
        sold      integer not null default 0 check (sold >= 0),
        constraint stock_is_constant check (available + reserved + sold = seeded)
      )`);
    await runner.query(`
      create table reservations (
        order_id text not null,
        line     integer not null,
        sku      text not null references stock,
        quantity integer not null check (quantity > 0),
        state    text not null check (state in ('reserved', 'released', 'sold')),
        primary key (order_id, line)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table reservations, stock');
  }
}
