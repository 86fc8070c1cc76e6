import { balances } from './book-check.js';
import { checksOf } from './check-books.js';
import type { BookingRow, Books } from './snapshot.js';

const RUGS = { sku: 'RUG', warehouse: 'north', seeded: 5, available: 4, reserved: 0, sold: 1 };

/** One order that was delivered, one that was cancelled with its authorization voided. */
const BALANCED: Books = {
  orders: [
    {
      orderId: 'paid',
      state: 'DELIVERED',
      cents: 900,
      captureId: 'c1',
      trackingIds: ['t1', 't3'],
      needsApproval: true,
      approvedBy: 'eve',
      lines: [
        { line: 1, sku: 'POT', quantity: 3 },
        { line: 2, sku: 'RUG', quantity: 1 },
      ],
      sagaStatus: 'completed',
    },
    {
      orderId: 'undone',
      state: 'CANCELLED',
      cents: 300,
      captureId: null,
      trackingIds: null,
      needsApproval: true,
      approvedBy: null,
      lines: [{ line: 1, sku: 'POT', quantity: 1 }],
      sagaStatus: 'compensated',
    },
  ],
  stock: [{ sku: 'POT', warehouse: 'south', seeded: 10, available: 7, reserved: 0, sold: 3 }, RUGS],
  reservations: [
    { orderId: 'paid', line: 1, sku: 'POT', quantity: 3, state: 'sold' },
    { orderId: 'paid', line: 2, sku: 'RUG', quantity: 1, state: 'sold' },
    { orderId: 'undone', line: 1, sku: 'POT', quantity: 1, state: 'released' },
  ],
  accounts: [{ customerId: 'ann', heldCents: 0, capturedCents: 900 }],
  authorizations: [
    { authorizationId: 'a1', orderId: 'paid', customerId: 'ann', cents: 900, state: 'captured' },
    { authorizationId: 'a2', orderId: 'undone', customerId: 'ann', cents: 300, state: 'voided' },
  ],
  captures: [{ captureId: 'c1', orderId: 'paid', authorizationId: 'a1', cents: 900 }],
  bookings: [
    { trackingId: 't1', orderId: 'paid', warehouse: 'south', labelled: true, state: 'booked' },
    { trackingId: 't2', orderId: 'undone', warehouse: 'south', labelled: false, state: 'cancelled' },
    { trackingId: 't3', orderId: 'paid', warehouse: 'north', labelled: true, state: 'booked' },
  ],
  ledger: [
    { kind: 'authorized', key: 'k1', authorizationId: 'a1', reference: 'paid', cents: 900 },
    { kind: 'authorized', key: 'k2', authorizationId: 'a2', reference: 'undone', cents: 300 },
    { kind: 'captured', captureId: 'c1', authorizationId: 'a1', reference: 'paid', cents: 900 },
    { kind: 'voided', authorizationKey: 'k2', authorizationId: 'a2' },
  ],
};

const mismatches = (books: Partial<Books>): Record<string, readonly string[]> =>
  Object.fromEntries(
    checksOf({ ...BALANCED, ...books })
      .filter((check) => !balances(check))
      .map(({ what, wrong }) => [what, wrong]),
  );

describe('the check of the books', () => {
  it('passes books that balance', () => {
    expect(mismatches({})).toEqual({});
  });

  it('sees goods that were lost', () => {
    expect(mismatches({ stock: [{ sku: 'POT', warehouse: 'south', seeded: 10, available: 6, reserved: 0, sold: 3 }, RUGS] })).toEqual({
      'stock + reserved + sold is what was seeded': ['POT'],
    });
  });

  it('sees goods that stay put aside for an order that was cancelled', () => {
    const kept = { orderId: 'undone', line: 1, sku: 'POT', quantity: 1, state: 'reserved' } as const;
    const stock = [{ sku: 'POT', warehouse: 'south', seeded: 10, available: 6, reserved: 1, sold: 3 }, RUGS];
    expect(mismatches({ stock, reservations: [...BALANCED.reservations.slice(0, 2), kept] })).toEqual({
      'rejected or cancelled orders with no goods put aside or sold': ['undone'],
    });
  });

  it('sees a charge that the service never heard of', () => {
    const lost = { kind: 'captured', captureId: 'c9', authorizationId: 'a2', reference: 'undone', cents: 300 } as const;
    expect(mismatches({ ledger: [...BALANCED.ledger.slice(0, 3), lost] })).toEqual({
      "cents that payment-service captured are the gateway's": ['undone'],
      'rejected or cancelled orders with no money held or taken': ['undone'],
    });
  });

  it('sees money that is held for an order that was cancelled', () => {
    expect(mismatches({ ledger: BALANCED.ledger.slice(0, 3) })).toEqual({
      'rejected or cancelled orders with no money held or taken': ['undone'],
    });
  });

  it('sees an order that was charged twice', () => {
    const again = { kind: 'captured', captureId: 'c2', authorizationId: 'a1', reference: 'paid', cents: 900 } as const;
    expect(mismatches({ ledger: [...BALANCED.ledger, again] })).toEqual({
      "cents that payment-service captured are the gateway's": ['paid'],
      'orders whose money was taken, each of them once': ['paid'],
      'paid orders with one capture, of their amount': ['paid'],
    });
  });

  it('sees a paid order that nobody approved, though it was above the limit', () => {
    const unapproved = { ...BALANCED.orders[0]!, approvedBy: null };
    expect(mismatches({ orders: [unapproved, BALANCED.orders[1]!] })).toEqual({
      'paid orders that are below the limit, or approved by a person': ['paid'],
    });
  });

  it('sees a paid order without a parcel, and a parcel of a cancelled one', () => {
    const swapped = BALANCED.bookings.map((row) => ({
      ...row,
      state: row.state === 'booked' ? ('cancelled' as const) : ('booked' as const),
    }));
    expect(mismatches({ bookings: swapped })).toEqual({
      'paid orders with one booked and labelled parcel from each of their warehouses': ['paid'],
      'rejected or cancelled orders with no active booking': ['undone'],
    });
  });

  it('sees a parcel that was left in one of two warehouses, and one without a label', () => {
    const [south, undone, north] = BALANCED.bookings as [BookingRow, BookingRow, BookingRow];
    const wrong = { 'paid orders with one booked and labelled parcel from each of their warehouses': ['paid'] };
    expect(mismatches({ bookings: [south, undone] })).toEqual(wrong);
    expect(mismatches({ bookings: [south, undone, { ...north, labelled: false }] })).toEqual(wrong);
    expect(mismatches({ bookings: [south, undone, { ...north, warehouse: 'south' }] })).toEqual(wrong);
  });

  it('sees an order that is pending although its saga has ended', () => {
    const forgotten = { ...BALANCED.orders[1]!, state: 'PENDING' as const };
    expect(mismatches({ orders: [BALANCED.orders[0]!, forgotten] })).toEqual({ 'orders that ended as their saga did': ['undone'] });
  });

  it('sees an order that its saga left on its way', () => {
    const onItsWay = { ...BALANCED.orders[0]!, state: 'APPROVED' as const };
    expect(mismatches({ orders: [onItsWay, BALANCED.orders[1]!] })).toEqual({ 'orders that ended as their saga did': ['paid'] });
  });
});
