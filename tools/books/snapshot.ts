import { Client } from 'pg';
import type { DatabaseUrls } from '../services.js';

export interface OrderRow {
  readonly orderId: string;
  readonly state: 'PENDING' | 'APPROVED' | 'DELIVERED' | 'REJECTED' | 'CANCELLED';
  readonly cents: number;
  readonly captureId: string | null;
  readonly trackingIds: readonly string[] | null;
  readonly needsApproval: boolean;
  readonly approvedBy: string | null;
  readonly lines: readonly { readonly line: number; readonly sku: string; readonly quantity: number }[];
  /** Of its saga; null where there is none. */
  readonly sagaStatus: string | null;
}

export interface StockRow {
  readonly sku: string;
  readonly warehouse: string;
  readonly seeded: number;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
}

export interface ReservationRow {
  readonly orderId: string;
  readonly line: number;
  readonly sku: string;
  readonly quantity: number;
  readonly state: 'reserved' | 'released' | 'sold';
}

export interface AccountRow {
  readonly customerId: string;
  readonly heldCents: number;
  readonly capturedCents: number;
}

export interface AuthorizationRow {
  readonly authorizationId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly cents: number;
  readonly state: 'held' | 'captured' | 'voided';
}

export interface CaptureRow {
  readonly captureId: string;
  readonly orderId: string;
  readonly authorizationId: string;
  readonly cents: number;
}

export interface BookingRow {
  readonly trackingId: string;
  readonly orderId: string;
  readonly warehouse: string;
  readonly labelled: boolean;
  readonly state: 'booked' | 'cancelled';
}

/** What the gateway's ledger says; `reference` is the order's id. */
export type LedgerEntry =
  | {
      readonly kind: 'authorized';
      readonly key: string;
      readonly authorizationId: string;
      readonly reference: string;
      readonly cents: number;
    }
  | { readonly kind: 'declined'; readonly key: string; readonly reference: string }
  | {
      readonly kind: 'captured';
      readonly captureId: string;
      readonly authorizationId: string;
      readonly reference: string;
      readonly cents: number;
    }
  | { readonly kind: 'voided'; readonly authorizationKey: string; readonly authorizationId: string | null };

/** The books of everybody, as far as the checks need them. */
export interface Books {
  readonly orders: readonly OrderRow[];
  readonly stock: readonly StockRow[];
  readonly reservations: readonly ReservationRow[];
  readonly accounts: readonly AccountRow[];
  readonly authorizations: readonly AuthorizationRow[];
  readonly captures: readonly CaptureRow[];
  readonly bookings: readonly BookingRow[];
  readonly ledger: readonly LedgerEntry[];
}

export interface BooksLocation {
  readonly databases: DatabaseUrls;
  /** Such as http://127.0.0.1:3010. */
  readonly gatewayUrl: string;
}

/**
 * Reads all books. The orders first: what is checked of an order that has ended stays true, so that orders which move while
 * the rest is read make no false alarm.
 */
export async function readBooks({ databases, gatewayUrl }: BooksLocation): Promise<Books> {
  const { orders } = await read(databases['order-service'], { orders: ORDERS });
  const [inventory, payments, shipping, ledger] = await Promise.all([
    read(databases['inventory-service'], { stock: STOCK, reservations: RESERVATIONS }),
    read(databases['payment-service'], { accounts: ACCOUNTS, authorizations: AUTHORIZATIONS, captures: CAPTURES }),
    read(databases['shipping-service'], { bookings: BOOKINGS }),
    readLedger(gatewayUrl),
  ]);
  return { orders, ...inventory, ...payments, ...shipping, ledger } as unknown as Books;
}

/** An order that was cancelled before its first step is in the saga's row alone: it must not have cost anything either. */
const ORDERS = `
  select coalesce(o.order_id, s.key) as "orderId",
    coalesce(o.state, case s.status when 'compensated' then 'CANCELLED' else 'PENDING' end) as state,
    coalesce(o.cents, 0) as cents, o.capture_id as "captureId", o.tracking_ids as "trackingIds",
    coalesce(o.needs_approval, false) as "needsApproval", o.approved_by as "approvedBy", coalesce(o.lines, '[]') as lines,
    s.status as "sagaStatus"
  from orders o full join (select id, key, status from saga.saga_instance where name = 'place-order') s on s.id = o.saga_id
  order by 1`;
const STOCK = 'select sku, warehouse, seeded, available, reserved, sold from stock order by sku';
const RESERVATIONS = 'select order_id as "orderId", line, sku, quantity, state from reservations order by order_id, line';
const ACCOUNTS = `
  select customer_id as "customerId", held_cents::float8 as "heldCents", captured_cents::float8 as "capturedCents"
  from accounts order by customer_id`;
const AUTHORIZATIONS = `
  select authorization_id as "authorizationId", order_id as "orderId", customer_id as "customerId", cents, state
  from authorizations order by order_id`;
const CAPTURES = `
  select capture_id as "captureId", order_id as "orderId", authorization_id as "authorizationId", cents from captures order by order_id`;
const BOOKINGS = `
  select tracking_id as "trackingId", order_id as "orderId", warehouse, labelled, state from bookings order by order_id, warehouse`;

/** All queries of one database see the same moment. */
async function read<N extends string>(url: string, queries: Readonly<Record<N, string>>): Promise<Record<N, unknown[]>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const tables: Record<string, unknown[]> = {};
    for (const [name, sql] of Object.entries<string>(queries)) tables[name] = (await client.query<Record<string, unknown>>(sql)).rows;
    return tables;
  } finally {
    await client.end();
  }
}

async function readLedger(gatewayUrl: string): Promise<readonly LedgerEntry[]> {
  const response = await fetch(new URL('/ledger', gatewayUrl));
  if (!response.ok) throw new Error(`The card gateway answered GET /ledger with ${response.status}.`);
  const { entries } = (await response.json()) as { entries: readonly LedgerEntry[] };
  return entries;
}
