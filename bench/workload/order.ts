import { randomUUID } from 'node:crypto';

/** happy: all three steps succeed. compensate: the third is refused, and the first two are undone. */
export type Kind = 'happy' | 'compensate';

/** What a saga of the benchmark is started with: about 200 bytes of JSON. */
export interface Order {
  readonly orderId: string;
  readonly cents: number;
  readonly destination: string;
  readonly lines: readonly Line[];
}

interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly cents: number;
}

const NOWHERE = 'NO-9999';

export function newOrder(kind: Kind): Order {
  return {
    orderId: randomUUID(),
    cents: 12_980,
    destination: kind === 'happy' ? 'DE-10115' : NOWHERE,
    lines: [
      { sku: 'TEA-GREEN-250', quantity: 2, cents: 1_990 },
      { sku: 'POT-IRON-0800', quantity: 1, cents: 9_000 },
    ],
  };
}

/** Where no carrier goes: the third step refuses it. */
export const isOutOfReach = ({ destination }: Order): boolean => destination === NOWHERE;
