import type { BookCheck } from './book-check.js';
import { GatewayBooks } from './gateway-books.js';
import { moneyChecks } from './money-checks.js';
import { orderChecks } from './order-checks.js';
import type { Books } from './snapshot.js';
import { stockChecks } from './stock-checks.js';

/** All checks, over the books of a shop at rest: while orders are under way, one book may be ahead of another. */
export function checksOf(books: Books): BookCheck[] {
  const gateway = new GatewayBooks(books.ledger);
  return [...stockChecks(books), ...moneyChecks(books, gateway), ...orderChecks(books, gateway)];
}
