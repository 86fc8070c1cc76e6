import { Injectable } from '@nestjs/common';
import { SagaTransaction } from 'nestjs-sagas';

/** The book of one service: who did what for an order, and was committed. */
@Injectable()
export class Lines {
  constructor(private readonly transaction: SagaTransaction) {}

  async write(order: string, done: string): Promise<void> {
    await this.transaction.manager.query('insert into line (order_name, done) values ($1, $2)', [order, done]);
  }
}

/** Of each service's database. */
export const TABLES = `
  create table line (id bigserial primary key, order_name text not null, done text not null);
  create table packing (token text primary key, order_name text not null, refused boolean not null)`;
