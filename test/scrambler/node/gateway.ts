import { createServer } from 'node:http';

import { serveTest } from '../../support/serve-test.js';
import { gatewayFateOf } from '../fates.js';
import { GatewayBook, type GatewayEntry } from '../gateway-book.js';
import type { Of } from './settings.js';

/** A gateway outside, which knows each idempotency key: POST /charge/<key>, and /refund/<key of the charge>. */
export async function run({ port, book: path, seed }: Of<'gateway'>): Promise<void> {
  const book = new GatewayBook(path);
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const [, what, key = ''] = (request.url ?? '').split('/').map(decodeURIComponent);
    const nth = (asked.get(`${what} ${key}`) ?? 0) + 1;
    asked.set(`${what} ${key}`, nth);
    const fate = gatewayFateOf(seed, String(what), key.replace(/^[^:]*:/, ''), nth);
    if (fate === 'fails') return void response.writeHead(503).end();
    book.enter({ what: what as GatewayEntry['what'], key });
    if (fate === 'works') response.writeHead(200).end();
    else response.destroy();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  process.once('SIGTERM', () => process.exit());
  serveTest(async () => undefined);
}
