import { Client } from 'pg';

import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { TABLES } from './shop/lines.js';

/** What each of the three keeps. */
export class ShopDatabases {
  private constructor(
    readonly orders: TestDatabase,
    readonly stock: TestDatabase,
    readonly till: TestDatabase,
  ) {}

  static async create(): Promise<ShopDatabases> {
    const [orders, stock, till] = [await createTestDatabase(), await createTestDatabase(), await createTestDatabase()];
    for (const { url } of [stock, till]) await ask(url, TABLES);
    return new ShopDatabases(orders, stock, till);
  }

  async drop(): Promise<void> {
    for (const database of [this.orders, this.stock, this.till]) await database.drop();
  }

  /** How many sagas may still do something. */
  async open(): Promise<number> {
    const rows = await ask<{ open: number }>(
      this.orders.url,
      "select count(*)::int as open from saga.saga_instance where status in ('pending', 'running', 'compensating')",
    );
    return rows[0]?.open ?? 0;
  }

  /** By order. */
  async sagas(): Promise<ReadonlyMap<string, { readonly id: string; readonly status: string }>> {
    const rows = await ask<{ key: string; id: string; status: string }>(this.orders.url, 'select key, id, status from saga.saga_instance');
    return new Map(rows.map(({ key, id, status }) => [key, { id, status }]));
  }

  /** What each service wrote, by order. */
  async lines(service: 'stock' | 'till'): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await ask<{ order_name: string; done: string[] }>(
      this[service].url,
      'select order_name, array_agg(done order by id) as done from line group by order_name',
    );
    return new Map(rows.map(({ order_name, done }) => [order_name, done]));
  }

  /** One row a checkpoint of a saga, or of all. */
  async journal(sagaId?: string): Promise<readonly { readonly sequence: number; readonly at: number; readonly entries: unknown }[]> {
    return ask(
      this.orders.url,
      `select sequence, round(extract(epoch from at) * 1000)::float8 as at, entries from saga.saga_journal
       where $1::uuid is null or saga_id = $1 order by saga_id, sequence`,
      [sagaId ?? null],
    );
  }
}

async function ask<Row>(url: string, statement: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement, parameters.length > 0 ? [...parameters] : undefined)).rows as Row[];
  } finally {
    await client.end();
  }
}
