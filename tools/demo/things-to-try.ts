import {
  DECLINED_CARD,
  LOST_ANSWER_CARD,
  SHAKY_DESTINATION,
  SOLD_OUT_SKU,
  UNREACHABLE_DESTINATION,
} from '../../libs/contracts/src/switches.js';
import type { DatabaseUrls } from '../services.js';
import type { Order } from './orders-file.js';
import { PLAIN_CARD } from './shop-orders.js';

export interface RunningShop {
  /** Of order-service. */
  readonly orderUrl: string;
  readonly gatewayUrl: string;
  readonly databases: DatabaseUrls;
  readonly approvalTimeout: string;
  readonly orderServicePid: number | undefined;
}

/** A line of explanation and a command line for each thing to try. */
export function thingsToTry(shop: RunningShop): string[] {
  const { orderUrl } = shop;
  return [
    ...thing('An order that goes well:', place(orderUrl, { orderId: 'mine-1' })),
    ...thing('The order, with the steps of its saga:', `curl -s ${orderUrl}/orders/mine-1`),
    ...thing('Its parcel arrives, and ends the saga (said again, it changes nothing):', deliver(orderUrl, 'mine-1')),
    ...thing('What happened to it, in order:', `curl -s ${orderUrl}/orders/mine-1/journal`),
    ...thing('Sold out: what was reserved is released, and the order rejected:', place(orderUrl, { orderId: 'mine-2', sku: SOLD_OUT_SKU })),
    ...thing(
      'Goods from two warehouses travel in two parcels, each a saga of its own:',
      place(orderUrl, { orderId: 'mine-9', sku: 'CLAY-POT' }),
    ),
    ...thing('Its parcels arrive:', deliver(orderUrl, 'mine-9')),
    ...thing('The card is declined:', place(orderUrl, { orderId: 'mine-3', card: DECLINED_CARD })),
    ...thing(
      'The card is charged, and the answer lost: nobody knows, so it is voided:',
      place(orderUrl, { orderId: 'mine-4', card: LOST_ANSWER_CARD }),
    ),
    ...thing('No carrier goes there:', place(orderUrl, { orderId: 'mine-5', destination: UNREACHABLE_DESTINATION })),
    ...thing('The carrier fails twice, and then takes the parcel:', place(orderUrl, { orderId: 'mine-6', destination: SHAKY_DESTINATION })),
    ...thing(
      'An order that is cancelled at once (answers 409 once the payment is being captured):',
      `${place(orderUrl, { orderId: 'mine-7', card: LOST_ANSWER_CARD })}; ${cancel(orderUrl, 'mine-7')}`,
    ),
    ...thing(
      `An order above the limit waits for a person, with its goods put aside; undone where nobody decides within ${shop.approvalTimeout}:`,
      place(orderUrl, { orderId: 'mine-8', quantity: 4 }),
    ),
    ...thing('All orders that wait for a person, and until when:', `curl -s ${orderUrl}/approvals`),
    ...thing('It is approved:', decide(orderUrl, 'mine-8/approve', { by: 'me' })),
    ...thing('Or declined (409 where it was decided already):', decide(orderUrl, 'mine-8/decline', { by: 'me', reason: 'too much' })),
    ...thing('All orders, or those of one state:', `curl -s '${orderUrl}/orders?state=REJECTED&limit=20'`),
    ...thing('The ledger of the card gateway:', `curl -s ${shop.gatewayUrl}/ledger`),
    ...thing('The check of the books, when no order is under way:', books(shop)),
    ...thing('A crash: its sagas are taken up when it is back, and it is started again here:', `kill -9 ${shop.orderServicePid ?? 'PID'}`),
  ];
}

const thing = (what: string, command: string): string[] => ['', what, `  ${command}`];

interface Variation {
  readonly orderId: string;
  readonly card?: string;
  readonly destination?: string;
  readonly sku?: string;
  readonly quantity?: number;
}

function place(orderUrl: string, { orderId, card, destination, sku, quantity = 1 }: Variation): string {
  const lines = [{ sku: 'OAK-TABLE', quantity, cents: 48_900 }, ...(sku === undefined ? [] : [{ sku, quantity: 1, cents: 9_990 }])];
  const order: Order = { orderId, customerId: 'customer-01', card: card ?? PLAIN_CARD, destination: destination ?? 'Bern', lines };
  return post(`${orderUrl}/orders`, order);
}

function cancel(orderUrl: string, orderId: string): string {
  return post(`${orderUrl}/orders/${orderId}/cancel`, { reason: 'changed my mind' });
}

const decide = (orderUrl: string, path: string, decision: object): string => post(`${orderUrl}/orders/${path}`, decision);

/** The carrier reads the tracking id off the parcel; here it is in the order. */
function deliver(orderUrl: string, orderId: string): string {
  const trackingIds = `$(curl -s ${orderUrl}/orders/${orderId} | grep -o 'track_[^"]*' | sort -u)`;
  return `for id in ${trackingIds}; do curl -s ${orderUrl}/deliveries -d trackingId=$id; done`;
}

const post = (url: string, body: object): string => `curl -s ${url} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;

function books({ databases, gatewayUrl }: RunningShop): string {
  const urls = {
    orders: databases['order-service'],
    payments: databases['payment-service'],
    inventory: databases['inventory-service'],
    shipping: databases['shipping-service'],
  };
  return `npm run books -- ${Object.entries({ ...urls, gateway: gatewayUrl })
    .map(([name, url]) => `--${name} '${url}'`)
    .join(' ')}`;
}
