import type { GatewayEntry } from './gateway-book.js';
import { isRefused } from './plans.js';
import type { Order } from './shop/order-sagas.js';

/** All that is left of one order, when nothing is on its way any more. */
export interface OrderSeen {
  readonly order: Order;
  readonly sagaId: string;
  readonly status: string;
  /** The book of each service, in order. */
  readonly stock: readonly string[];
  readonly till: readonly string[];
  /** What the gateway did, under each key that begins with the saga's id. */
  readonly gateway: readonly GatewayEntry[];
}

/** What is done, and by what it is undone. */
const PAIRS = [
  ['reserve', 'release'],
  ['pack', 'unpack'],
  ['charge', 'refund'],
] as const;

/** What must be true of an order, whatever became of messages and processes, and is not. */
export function faultsOf(seen: OrderSeen): readonly string[] {
  const { order, status, gateway, sagaId } = seen;
  const isOver = status === 'completed' || status === 'compensated';
  if (!isOver) return [`R26: it has not ended: it is ${status}`];
  if (status === 'completed' && isRefused(order)) return ['R9: it was refused, and is completed'];
  const laws: readonly (readonly [boolean, string])[] = [
    ...PAIRS.flatMap((pair) => lawsOfPair(pair, seen)),
    [gateway.every(({ key }) => key === `${sagaId}:charge`), 'R25: the gateway has one key of an order'],
    [new Set(gateway.map(({ what }) => what)).size === gateway.length, 'R25: outside each effect is there once for its key'],
    [gateway[0]?.what !== 'refund' || gateway.length === 1, 'R25: nothing is charged after it was refunded'],
    [isCharged(gateway) === (status === 'completed'), 'R10: charged is what was completed, and nothing else'],
  ];
  return laws.filter(([holds]) => !holds).map(([, law]) => `${law}: it is ${status}, ${booksOf(seen)}`);
}

export const booksOf = ({ stock, till, gateway }: OrderSeen): string =>
  `stock: ${stock.join(', ')}; till: ${till.join(', ')}; gateway: ${gateway.map(({ what }) => what).join(', ')}`;

const isCharged = (gateway: readonly GatewayEntry[]): boolean => gateway.map(({ what }) => what).join() === 'charge';

function lawsOfPair([done, undone]: (typeof PAIRS)[number], { order, status, stock, till }: OrderSeen): (readonly [boolean, string])[] {
  const lines = [...stock, ...till];
  const [does, undoes] = [done, undone].map((one) => lines.filter((line) => line === one).length) as [number, number];
  const isOnce: readonly [boolean, string] = [does <= 1 && undoes <= 1, `R25: ${done} and ${undone} are there once at most`];
  if (status === 'completed') {
    const isDue = done !== 'pack' || order.packed;
    return [isOnce, [does === (isDue ? 1 : 0) && undoes === 0, `R2: ${done} is there, and not undone`]];
  }
  // The till writes its line with the reply: an effect outside whose call never replied has no line, and is undone.
  const isBalanced = does === undoes || (done === 'charge' && does === 0);
  return [
    isOnce,
    [isBalanced, `R10: ${done} is undone`],
    [does === 0 || lines.indexOf(done) < lines.indexOf(undone), `R25: ${undone} comes after ${done}`],
  ];
}
