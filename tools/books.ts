import { basename } from 'node:path';
import { balances, type BookCheck } from './books/book-check.js';
import { checksOf } from './books/check-books.js';
import { type BooksLocation, readBooks } from './books/snapshot.js';
import { readOptions, UsageError } from './services/options.js';
import { runTool } from './services/run-tool.js';

const USAGE = `npm run books -- [--orders URL] [--payments URL] [--inventory URL] [--shipping URL] [--gateway URL]

Checks the books of the shop: the four databases, and the ledger of the card gateway. Run it when no order is under way.
Exit code 0 if they balance, 1 if not.

  --orders, --payments, --inventory, --shipping URL   The databases; by default ORDERS_DATABASE_URL, PAYMENTS_DATABASE_URL,
                                                      INVENTORY_DATABASE_URL and SHIPPING_DATABASE_URL.
  --gateway URL                                       By default GATEWAY_URL, or else http://127.0.0.1:3010.
  --help                                              This text.`;

const SHOWN = 10;
const URL_OPTION = { type: 'string' } as const;

// The demo imports this file too: it is a command only where it was called as one.
if (basename(process.argv[1] ?? '', '.ts') === 'books') await runTool(main);

/** Checks the books, prints a line a check, and says whether all of them balance. */
export async function checkBooks(location: BooksLocation): Promise<boolean> {
  const checks = checksOf(await readBooks(location));
  for (const check of checks) console.log(lineOf(check));
  return checks.every(balances);
}

async function main(): Promise<number> {
  const options = readOptions(
    process.argv.slice(2),
    {
      orders: URL_OPTION,
      payments: URL_OPTION,
      inventory: URL_OPTION,
      shipping: URL_OPTION,
      gateway: URL_OPTION,
      help: { type: 'boolean' },
    },
    USAGE,
  );
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const databases = {
    'order-service': given('orders', options.orders),
    'payment-service': given('payments', options.payments),
    'inventory-service': given('inventory', options.inventory),
    'shipping-service': given('shipping', options.shipping),
  };
  const gatewayUrl = options.gateway ?? process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:3010';
  return (await checkBooks({ databases, gatewayUrl })) ? 0 : 1;
}

function given(option: string, value: string | undefined): string {
  const variable = `${option.toUpperCase()}_DATABASE_URL`;
  const url = value ?? process.env[variable];
  if (!url) throw new UsageError(`Which database? Give --${option} URL, or ${variable}.\n\n${USAGE}`);
  return url;
}

function lineOf(check: BookCheck): string {
  const { what, expected, found, wrong } = check;
  const more = wrong.length > SHOWN ? ` and ${wrong.length - SHOWN} more` : '';
  const names = wrong.length > 0 ? `: ${wrong.slice(0, SHOWN).join(', ')}${more}` : '';
  return `${balances(check) ? 'ok      ' : 'MISMATCH'}  ${what}: expected ${expected}, found ${found}${names}`;
}
