import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The books of money. The keys say: an order is authorized once, captured once, and captured for what was authorized. */
export class CreatePayments1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table accounts (
        customer_id    text primary key,
        held_cents     bigint not null default 0 check (held_cents >= 0),
        captured_cents bigint not null default 0 check (captured_cents >= 0)
      )`);
    await runner.query(`
      create table authorizations (
        authorization_id text primary key,
        order_id         text not null unique,
        customer_id      text not null references accounts,
        cents            integer not null check (cents > 0),
        state            text not null check (state in ('held', 'captured', 'voided')),
        unique (authorization_id, order_id, cents)
      )`);
    await runner.query(`
      create table captures (
        capture_id       text primary key,
        order_id         text not null unique,
        authorization_id text not null unique,
        cents            integer not null,
        constraint captures_what_was_authorized
          foreign key (authorization_id, order_id, cents) references authorizations (authorization_id, order_id, cents)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table captures, authorizations, accounts');
  }
}
