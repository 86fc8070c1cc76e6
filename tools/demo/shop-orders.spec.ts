import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DECLINED_CARD,
  LOST_ANSWER_CARD,
  SHAKY_DESTINATION,
  SOLD_OUT_SKU,
  UNREACHABLE_DESTINATION,
} from '../../libs/contracts/src/switches.js';
import { parseOrders } from './orders-file.js';
import { asJsonLines, shopOrders } from './shop-orders.js';

describe('the shipped orders file', () => {
  const text = readFileSync(join('tools', 'demo', 'orders.jsonl'), 'utf8');
  const { orders, badLines } = parseOrders(text);

  it('is what shop-orders.ts says', () => {
    expect(text).toBe(asJsonLines(shopOrders()));
  });

  it('holds at least 200 orders, each good and with an id of its own but the one that is placed twice', () => {
    expect(badLines).toEqual([]);
    expect(new Set(orders.map(({ order }) => order.orderId)).size).toBeGreaterThanOrEqual(200);
    expect(orders.length).toBe(new Set(orders.map(({ order }) => order.orderId)).size + 1);
  });

  it('declines some, leaves some lying, and approves more, all of them above the limit', () => {
    const above = orders.filter(({ order }) => order.lines.reduce((sum, { quantity, cents }) => sum + quantity * cents, 0) > 150_000);
    const filed = (wish: 'decline' | 'unattended') => orders.filter((order) => order[wish] !== undefined);
    expect(above).toEqual(expect.arrayContaining([...filed('decline'), ...filed('unattended')]));
    expect([filed('decline').length, filed('unattended').length]).toEqual([3, 2]);
    expect(above.length).toBeGreaterThanOrEqual(20);
  });

  it('reaches every switch, and cancels some', () => {
    const all = orders.map(({ order }) => order);
    expect(all.some(({ lines }) => lines.length > 1 && lines.some(({ sku }) => sku === SOLD_OUT_SKU))).toBe(true);
    expect(new Set(all.map(({ card }) => card))).toEqual(new Set([DECLINED_CARD, LOST_ANSWER_CARD, '4242-4242-4242-4242']));
    expect(all.map(({ destination }) => destination)).toEqual(expect.arrayContaining([UNREACHABLE_DESTINATION, SHAKY_DESTINATION]));
    expect(orders.filter(({ cancel }) => cancel !== undefined).length).toBeGreaterThanOrEqual(10);
  });
});
