import { join } from 'node:path';
import type { Ports } from './ports.js';

/**
 * The services that do the commands of sagas, each with a database of its own: where each listens unless told, for people and for commands, and
 * what its database is called. Another service of that kind is one line more.
 */
const PARTICIPANTS = {
  'payment-service': { http: 3001, tcp: 4001, database: 'payments' },
  'inventory-service': { http: 3002, tcp: 4002, database: 'inventory' },
  'shipping-service': { http: 3003, tcp: 4003, database: 'shipping' },
} as const;
export type ParticipantName = keyof typeof PARTICIPANTS;
export const PARTICIPANT_NAMES = Object.keys(PARTICIPANTS) as ParticipantName[];

export const SERVICES = ['order-service', ...PARTICIPANT_NAMES, 'card-gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];
type StoringService = 'order-service' | ParticipantName;

/** The services with a database of their own, and its name. */
export const DATABASES: Readonly<Record<StoringService, string>> = {
  'order-service': 'orders',
  ...forEachParticipant((name) => PARTICIPANTS[name].database),
};

/** The ports of the README's table. */
export const USUAL_PORTS: Ports = {
  http: { 'order-service': 3000, ...forEachParticipant((name) => PARTICIPANTS[name].http), 'card-gateway': 3010 },
  tcp: forEachParticipant((name) => PARTICIPANTS[name].tcp),
  postgres: 5499,
};

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
    case 'card-gateway':
      return { ...httpPort, LEDGER_FILE: around.ledgerFile };
    default:
      return { ...httpPort, ...storing(service, around) };
  }
}

function storing(service: ParticipantName, around: Surroundings): Record<string, string> {
  return { TCP_PORT: String(around.ports.tcp[service]), DATABASE_URL: around.databases[service], ...broker(around) };
}

function broker({ brokerUrl }: Surroundings): Record<string, string> {
  return brokerUrl === undefined ? {} : { BROKER_URL: brokerUrl };
}

/** Where order-service finds each, such as PAYMENT_HOST and PAYMENT_PORT. */
function participants({ tcp }: Ports): Record<string, string> {
  const variables = PARTICIPANT_NAMES.map((name) => {
    const prefix = name.replace(/-service$/, '').toUpperCase();
    return { [`${prefix}_HOST`]: '127.0.0.1', [`${prefix}_PORT`]: String(tcp[name]) };
  });
  return Object.assign({}, ...variables) as Record<string, string>;
}

/** What `of` says of each. */
function forEachParticipant<T>(of: (name: ParticipantName) => T): Record<ParticipantName, T> {
  return Object.fromEntries(PARTICIPANT_NAMES.map((name) => [name, of(name)])) as Record<ParticipantName, T>;
}
