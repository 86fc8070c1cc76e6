import { type BookCheck, checkEach, Grouped, sum } from './book-check.js';
import type { GatewayBooks } from './gateway-books.js';
import type { Books } from './snapshot.js';

export function moneyChecks(books: Books, gateway: GatewayBooks): BookCheck[] {
  return [captures(books, gateway), onceAnOrder(gateway), accounts(books)];
}

/** Each side has what the other has: a capture that one of them does not know is money lost or stolen. */
function captures({ captures: ours }: Books, { captures: theirs }: GatewayBooks): BookCheck {
  const ourAmounts = new Map(ours.map(({ captureId, cents }) => [captureId, cents]));
  const theirAmounts = new Map(theirs.map(({ captureId, cents }) => [captureId, cents]));
  return {
    what: "cents that payment-service captured are the gateway's",
    expected: sum(theirs, ({ cents }) => cents),
    found: sum(ours, ({ cents }) => cents),
    wrong: [
      ...ours.filter(({ captureId, cents }) => theirAmounts.get(captureId) !== cents).map(({ orderId }) => orderId),
      ...theirs.filter(({ captureId }) => !ourAmounts.has(captureId)).map(({ reference }) => reference),
    ],
  };
}

function onceAnOrder(gateway: GatewayBooks): BookCheck {
  return checkEach('orders whose money was taken, each of them once', gateway.paidOrders, {
    right: (orderId) => gateway.capturesFor(orderId).length === 1,
    name: (orderId) => orderId,
  });
}

function accounts({ accounts: rows, authorizations }: Books): BookCheck {
  const byCustomer = new Grouped(authorizations, ({ customerId }) => customerId);
  const total = (customerId: string, state: 'held' | 'captured'): number =>
    sum(
      byCustomer.of(customerId).filter((authorization) => authorization.state === state),
      ({ cents }) => cents,
    );
  return checkEach('accounts that say what their authorizations say', rows, {
    right: ({ customerId, heldCents, capturedCents }) =>
      heldCents === total(customerId, 'held') && capturedCents === total(customerId, 'captured'),
    name: ({ customerId }) => customerId,
  });
}
