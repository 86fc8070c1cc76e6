import type { OrderSummary } from './order-api.js';

const NO_REASON = '-';

/** How the orders ended: one line for each state and reason, with its count. */
export function outcomeTable(orders: readonly Pick<OrderSummary, 'state' | 'reason'>[]): string[] {
  const counts = new Map<string, { state: string; reason: string; orders: number }>();
  for (const { state, reason } of orders) {
    const row = { state, reason: reason ?? NO_REASON, orders: 0 };
    const key = `${row.state}\0${row.reason}`;
    counts.set(key, { ...row, orders: (counts.get(key)?.orders ?? 0) + 1 });
  }
  const rows = [...counts.values()].toSorted(
    (a, b) => a.state.localeCompare(b.state) || b.orders - a.orders || a.reason.localeCompare(b.reason),
  );
  return table([
    ['state', 'reason', 'orders'],
    ...rows.map((row) => [row.state, row.reason, String(row.orders)]),
    ['', 'all', String(orders.length)],
  ]);
}

/** Columns as wide as their widest cell; the last one holds numbers, and stands to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('   '),
  );
}
