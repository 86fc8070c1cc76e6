import { join } from 'node:path';
import type { Ports } from './ports.js';

export const SERVICES = ['order-service', 'payment-service', 'inventory-service', 'shipping-service', 'card-gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The services with a database of their own, and its name. */
export const DATABASES = {
  'order-service': 'orders',
  'payment-service': 'payments',
  'inventory-service': 'inventory',
  'shipping-service': 'shipping',
} as const;
export type StoringService = keyof typeof DATABASES;

/** The url of each service's own database. */
export type DatabaseUrls = Readonly<Record<StoringService, string>>;

export interface Surroundings {
  readonly ports: Ports;
  readonly databases: DatabaseUrls;
  /** Where the card gateway keeps its ledger; it outlives the process. */
  readonly ledgerFile: string;
  /** How long a dead order-service keeps its sagas. */
  readonly sagaLease: string;
  /** How long an order above the limit waits for a person. */
  readonly approvalTimeout: string;
  /** What commands go over; undefined for TCP. */
  readonly brokerUrl: string | undefined;
}

export const urlOf = (service: ServiceName, ports: Ports): string => `http://127.0.0.1:${ports.http[service]}`;

export const entryOf = (service: ServiceName, distFolder: string): string => join(distFolder, service, 'apps', service, 'src', 'main.js');

/** What a service reads from its environment. */
export function environmentOf(service: ServiceName, around: Surroundings): Record<string, string> {
  const httpPort = { HTTP_PORT: String(around.ports.http[service]) };
  switch (service) {
    case 'order-service':
      return {
        ...httpPort,
        DATABASE_URL: around.databases[service],
        SAGA_LEASE: around.sagaLease,
        APPROVAL_TIMEOUT: around.approvalTimeout,
        ...participants(around.ports),
        ...broker(around),
      };
    case 'payment-service':
      return { ...httpPort, ...storing(service, around), GATEWAY_URL: urlOf('card-gateway', around.ports) };
    case 'inventory-service':
    case 'shipping-service':
      return { ...httpPort, ...storing(service, around) };
    case 'card-gateway':
      return { ...httpPort, LEDGER_FILE: around.ledgerFile };
  }
}

function storing(service: Exclude<StoringService, 'order-service'>, around: Surroundings): Record<string, string> {
  return { TCP_PORT: String(around.ports.tcp[service]), DATABASE_URL: around.databases[service], ...broker(around) };
}

function broker({ brokerUrl }: Surroundings): Record<string, string> {
  return brokerUrl === undefined ? {} : { BROKER_URL: brokerUrl };
}

function participants({ tcp }: Ports): Record<string, string> {
  return {
    PAYMENT_HOST: '127.0.0.1',
    PAYMENT_PORT: String(tcp['payment-service']),
    INVENTORY_HOST: '127.0.0.1',
    INVENTORY_PORT: String(tcp['inventory-service']),
    SHIPPING_HOST: '127.0.0.1',
    SHIPPING_PORT: String(tcp['shipping-service']),
  };
}
