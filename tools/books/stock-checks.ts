import { type BookCheck, Grouped, sum } from './book-check.js';
import type { Books, StockRow } from './snapshot.js';

const inAll = ({ available, reserved, sold }: StockRow): number => available + reserved + sold;

export function stockChecks({ stock, reservations }: Books): BookCheck[] {
  const bySku = new Grouped(reservations, ({ sku }) => sku);
  const goods = (sku: string, state: 'reserved' | 'sold'): number =>
    sum(
      bySku.of(sku).filter((reservation) => reservation.state === state),
      ({ quantity }) => quantity,
    );
  return [
    {
      what: 'stock + reserved + sold is what was seeded',
      expected: sum(stock, ({ seeded }) => seeded),
      found: sum(stock, inAll),
      wrong: stock.filter((row) => inAll(row) !== row.seeded).map(({ sku }) => sku),
    },
    {
      what: 'goods that are reserved or sold are those of the reservations',
      expected: sum(stock, ({ sku }) => goods(sku, 'reserved') + goods(sku, 'sold')),
      found: sum(stock, ({ reserved, sold }) => reserved + sold),
      wrong: stock
        .filter(({ sku, reserved, sold }) => reserved !== goods(sku, 'reserved') || sold !== goods(sku, 'sold'))
        .map(({ sku }) => sku),
    },
  ];
}
