import { type BookCheck, checkEach, Grouped } from './book-check.js';
import type { GatewayBooks } from './gateway-books.js';
import type { Books, OrderRow } from './snapshot.js';

const STATES_AT_THE_END: Readonly<Record<string, readonly string[]>> = { completed: ['DELIVERED'], compensated: ['REJECTED', 'CANCELLED'] };

export function orderChecks(books: Books, gateway: GatewayBooks): BookCheck[] {
  const paid = books.orders.filter(({ state }) => state === 'APPROVED' || state === 'DELIVERED');
  const undone = books.orders.filter(({ state }) => state === 'REJECTED' || state === 'CANCELLED');
  return [...paidChecks(paid, books, gateway), ...undoneChecks(undone, books, gateway), endings(books)];
}

function paidChecks(paid: readonly OrderRow[], books: Books, gateway: GatewayBooks): BookCheck[] {
  const { goods, bookings } = activeOf(books);
  const warehouseOf = new Map(books.stock.map(({ sku, warehouse }) => [sku, warehouse]));
  return [
    checkOrders('paid orders with one capture, of their amount', paid, ({ orderId, cents, captureId }) => {
      const captures = gateway.capturesFor(orderId);
      return captures.length === 1 && captures[0]?.captureId === captureId && captures[0]?.cents === cents && !gateway.holdsFor(orderId);
    }),
    checkOrders('paid orders with all of their lines sold', paid, ({ orderId, lines }) => {
      const sold = new Map(goods.of(orderId).map((row) => [row.line, row]));
      return sold.size === lines.length && lines.every(({ line, sku, quantity }) => isSale(sold.get(line), sku, quantity));
    }),
    checkOrders('paid orders that are below the limit, or approved by a person', paid, ({ needsApproval, approvedBy }) => {
      return needsApproval === (approvedBy !== null);
    }),
    checkOrders('paid orders with one booked and labelled parcel from each of their warehouses', paid, ({ orderId, trackingIds }) => {
      const active = bookings.of(orderId);
      const warehouses = goods.of(orderId).map(({ sku }) => warehouseOf.get(sku));
      return (
        isEach(
          active.map(({ warehouse }) => warehouse),
          warehouses,
        ) &&
        isEach(
          active.map(({ trackingId }) => trackingId),
          trackingIds ?? [],
        ) &&
        active.every(({ labelled }) => labelled)
      );
    }),
  ];
}

function undoneChecks(undone: readonly OrderRow[], books: Books, gateway: GatewayBooks): BookCheck[] {
  const { goods, money, bookings } = activeOf(books);
  return [
    checkOrders('rejected or cancelled orders with no money held or taken', undone, ({ orderId }) => {
      return !gateway.holdsFor(orderId) && gateway.capturesFor(orderId).length === 0 && money.of(orderId).length === 0;
    }),
    checkOrders('rejected or cancelled orders with no goods put aside or sold', undone, ({ orderId }) => goods.of(orderId).length === 0),
    checkOrders('rejected or cancelled orders with no active booking', undone, ({ orderId }) => bookings.of(orderId).length === 0),
  ];
}

/** No order is PENDING after its saga has ended, and none says otherwise than its saga. */
function endings({ orders }: Books): BookCheck {
  const ended = orders.filter(({ sagaStatus }) => sagaStatus !== null && sagaStatus in STATES_AT_THE_END);
  return checkOrders('orders that ended as their saga did', ended, ({ state, sagaStatus }) => {
    return STATES_AT_THE_END[sagaStatus ?? '']?.includes(state) ?? false;
  });
}

/** What was not taken back, by order. */
function activeOf({ reservations, authorizations, bookings }: Books) {
  const orderOf = ({ orderId }: { readonly orderId: string }): string => orderId;
  return {
    goods: new Grouped(
      reservations.filter(({ state }) => state !== 'released'),
      orderOf,
    ),
    money: new Grouped(
      authorizations.filter(({ state }) => state !== 'voided'),
      orderOf,
    ),
    bookings: new Grouped(
      bookings.filter(({ state }) => state === 'booked'),
      orderOf,
    ),
  };
}

/** Each of what is expected once, and nothing else. */
const isEach = (found: readonly unknown[], expected: Iterable<unknown>): boolean => {
  const each = [...new Set(expected)];
  return found.length === each.length && each.every((value) => found.includes(value));
};

const isSale = (row: Books['reservations'][number] | undefined, sku: string, quantity: number): boolean =>
  row?.state === 'sold' && row.sku === sku && row.quantity === quantity;

const checkOrders = (what: string, orders: readonly OrderRow[], right: (order: OrderRow) => boolean): BookCheck =>
  checkEach(what, orders, { right, name: ({ orderId }) => orderId });
