import {
  DECLINED_CARD,
  LOST_ANSWER_CARD,
  SHAKY_DESTINATION,
  SOLD_OUT_SKU,
  UNREACHABLE_DESTINATION,
} from '../../libs/contracts/src/switches.js';
import type { FiledOrder, Order, OrderLine } from './orders-file.js';

/** A line of the shipped orders file. */
export type WrittenOrder = Order & Pick<FiledOrder, 'cancel' | 'decline' | 'unattended'>;

export const PLAIN_CARD = '4242-4242-4242-4242';

const PRICES = { 'OAK-TABLE': 48_900, 'LINEN-CHAIR': 11_950, 'BRASS-LAMP': 7_490, 'WOOL-RUG': 15_900, 'CLAY-POT': 2_450 } as const;
const GHOST_LAMP: OrderLine = { sku: SOLD_OUT_SKU, quantity: 1, cents: 9_990 };
const DESTINATIONS = ['Bern', 'Oslo', 'Porto', 'Graz', 'Ghent', 'Lyon', 'Turku'] as const;
const ROUNDS = 12;

/** What is unlike a plain order, in one round of the file. The plain ones between them keep every kind in flight all the time. */
const ROUND: readonly ((order: Order, round: number) => WrittenOrder)[] = [
  plain,
  (order) => ({ ...order, card: LOST_ANSWER_CARD }),
  plain,
  (order) => ({ ...order, lines: [...order.lines, GHOST_LAMP] }),
  (order, round) => (round === 0 || round === 3 ? { ...order, unattended: true } : order),
  (order) => ({ ...order, destination: SHAKY_DESTINATION }),
  plain,
  (order, round) => (round === 0 || round === 6 ? { ...order, decline: 'too much for a first order' } : order),
  (order) => ({ ...order, card: DECLINED_CARD }),
  plain,
  (order) => ({ ...order, cancel: 'changed my mind' }),
  plain,
  (order) => ({ ...order, destination: UNREACHABLE_DESTINATION }),
  plain,
  (order) => ({ ...order, destination: SHAKY_DESTINATION }),
  (order, round) => (round === 5 ? { ...order, decline: 'unpaid invoices' } : order),
  (order, round) => (round % 2 === 0 ? { ...order, cancel: 'found it cheaper' } : order),
  plain,
  plain,
  plain,
];

/** The shipped orders file: the same orders each time, every switch in each round, and at last one that was placed before. */
export function shopOrders(): WrittenOrder[] {
  const orders: WrittenOrder[] = [];
  for (let round = 0; round < ROUNDS; round += 1) for (const vary of ROUND) orders.push(vary(plainOrder(orders.length + 1), round));
  return [...orders, ...orders.slice(0, 1)];
}

export const asJsonLines = (orders: readonly WrittenOrder[]): string => orders.map((order) => `${JSON.stringify(order)}\n`).join('');

function plainOrder(number: number): Order {
  return {
    orderId: `order-${String(number).padStart(3, '0')}`,
    customerId: `customer-${String((number * 7) % 40).padStart(2, '0')}`,
    card: PLAIN_CARD,
    destination: DESTINATIONS[number % DESTINATIONS.length] ?? 'Bern',
    lines: Object.entries(PRICES)
      .filter((_, index) => index === number % 5 || (number + index) % 4 === 0)
      .map(([sku, cents], index) => ({ sku, quantity: 1 + ((number + index) % 3), cents })),
  };
}

function plain(order: Order): WrittenOrder {
  return order;
}
