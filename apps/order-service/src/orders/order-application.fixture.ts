import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { createTestDatabase } from '../../../../test/support/test-database.js';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** order-service, whole, on a database of its own; all of its participants are at one port. */
export interface OrderApplication {
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

export async function startOrderApplication(participantPort: number): Promise<OrderApplication> {
  const database = await createTestDatabase();
  const port = String(participantPort);
  Object.assign(process.env, { DATABASE_URL: database.url, PAYMENT_PORT: port, INVENTORY_PORT: port, SHIPPING_PORT: port });
  // The module reads the environment when it is imported.
  const { OrderModule } = await import('../order.module.js');
  const app: INestApplication = await NestFactory.create(OrderModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    async request(method, path, body) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
      return { status: response.status, body: await response.json() };
    },
    async close() {
      await app.close();
      await database.drop();
    },
  };
}
