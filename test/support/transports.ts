import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ClientOptions, type MicroserviceOptions, Transport } from '@nestjs/microservices';

import { type Broker, brokerFault, type BrokerName, startBroker } from '../../tools/brokers.js';
import { freePort } from '../../tools/free-port.js';

/** Brokers start, and are told to stop, within this, however busy the machine. */
export const BROKER_MS = 120_000;
/** How soon whoever lost his broker looks for it again. */
const RECONNECT_MS = 100;

/** By which another process finds a wire. */
export interface WireAddress {
  readonly transport: TransportName;
  readonly port: number;
  /** Of the participant's queue. */
  readonly name: string;
}

/** A way to one participant, which nobody else uses. */
export interface Wire {
  readonly address: WireAddress;
  readonly service: MicroserviceOptions;
  /** Where clients connect to. */
  readonly port: number;
  /** @param port another one, of somebody who stands between */
  client(port?: number): ClientOptions;
  /** What stands between; missing where they talk to each other. */
  readonly broker?: Pick<Broker, 'start' | 'stop'>;
}

export type TransportName = 'TCP' | 'NATS' | 'RabbitMQ' | 'Redis';

export interface TestTransport {
  readonly name: TransportName;
  /** Somebody stands between the two sides. */
  readonly hasBroker: boolean;
  /** A sender learns that nobody took his message, rather than wait for a reply. */
  readonly tellsOfNobody: boolean;
  open(): Promise<Wire>;
}

/** How one transport is used in tests. */
interface Kind {
  readonly name: TransportName;
  /** The broker that it needs. */
  readonly broker?: BrokerName;
  readonly tellsOfNobody?: boolean;
  /** Participants of one broker are told apart by more than their pattern. */
  readonly shared?: boolean;
  options(port: number, name: string): MicroserviceOptions;
}

const TCP: Kind = {
  name: 'TCP',
  tellsOfNobody: true,
  options: (port) => ({ transport: Transport.TCP, options: { host: '127.0.0.1', port } }),
};

const KINDS: readonly Kind[] = [
  TCP,
  {
    name: 'NATS',
    broker: 'nats',
    tellsOfNobody: true,
    options: (port, queue) => ({
      transport: Transport.NATS,
      options: { servers: [`nats://127.0.0.1:${port}`], queue, maxReconnectAttempts: -1, reconnectTimeWait: RECONNECT_MS },
    }),
  },
  {
    name: 'RabbitMQ',
    broker: 'rabbitmq',
    shared: true,
    options: (port, queue) => ({
      transport: Transport.RMQ,
      options: {
        urls: [`amqp://guest:guest@127.0.0.1:${port}`],
        queue,
        queueOptions: { durable: true },
        socketOptions: { reconnectTimeInSeconds: RECONNECT_MS / 1_000 },
      },
    }),
  },
  {
    name: 'Redis',
    broker: 'redis',
    options: (port) => ({
      transport: Transport.REDIS,
      options: { host: '127.0.0.1', port, retryAttempts: Infinity, retryDelay: RECONNECT_MS },
    }),
  },
];

export const TRANSPORTS: readonly TransportName[] = KINDS.map(({ name }) => name);

/** The wire that another process has opened. */
export function wireAt({ transport, port, name }: WireAddress): Wire {
  return wireOf(kindOf(transport), port, name);
}

/**
 * One transport, for whoever is no test.
 *
 * @throws Error that says what to install, where the machine has not got its broker
 */
export function useTransport(name: TransportName): { readonly transport: TestTransport; end(): Promise<void> } {
  const kind = kindOf(name);
  const fault = kind.broker && brokerFault(kind.broker);
  if (fault !== undefined) throw new Error(fault);
  return use(kind);
}

/** A way of its own over TCP, for tests that are not about transports. */
export async function openTcp(): Promise<Wire> {
  return wireOf(TCP, await freePort(), 'tcp');
}

/**
 * Tests that hold over every transport. Each of `open()` is apart from the others. On a machine without the broker of a transport its
 * tests are left out, and the run says so.
 */
export function describeOverEachTransport(title: string, tell: (transport: TestTransport) => void): void {
  for (const kind of KINDS) {
    const where = `${title} over ${kind.name}`;
    const fault = kind.broker && brokerFault(kind.broker);
    if (fault === undefined) {
      describe(where, () => {
        const { transport, end } = use(kind);
        tell(transport);
        // What the tests end they end before: it may want to say goodbye to its broker.
        afterAll(end, BROKER_MS);
      });
      continue;
    }
    process.stderr.write(`Left out: ${where}: ${fault}\n`);
    describe.skip(`${where} (${fault})`, () => tell(use(kind).transport));
  }
}

function use(kind: Kind): { readonly transport: TestTransport; end(): Promise<void> } {
  const started: { readonly broker: Broker; readonly port: number; readonly folder: string }[] = [];
  let wires = 0;
  const brokerOf = async (name: BrokerName) => {
    if (kind.shared === true && started[0] !== undefined) return started[0];
    const folder = mkdtempSync(join(tmpdir(), `${name}-`));
    const broker = await startBroker(name, { folder });
    const one = { broker, port: Number(new URL(broker.url).port), folder };
    started.push(one);
    return one;
  };
  const transport: TestTransport = {
    name: kind.name,
    hasBroker: kind.broker !== undefined,
    tellsOfNobody: kind.tellsOfNobody === true,
    open: async () => {
      wires += 1;
      const name = `wire-${wires}`;
      if (kind.broker === undefined) return wireOf(kind, await freePort(), name);
      const { broker, port } = await brokerOf(kind.broker);
      return { ...wireOf(kind, port, name), broker };
    },
  };
  const end = async () => {
    for (const { broker, folder } of started.splice(0)) {
      await broker.stop();
      rmSync(folder, { recursive: true });
    }
  };
  return { transport, end };
}

function kindOf(name: TransportName): Kind {
  const kind = KINDS.find((one) => one.name === name);
  if (kind === undefined) throw new Error(`There is no transport ${name}`);
  return kind;
}

function wireOf(kind: Kind, port: number, name: string): Wire {
  return {
    address: { transport: kind.name, port, name },
    service: kind.options(port, name),
    port,
    client: (other = port) => kind.options(other, name) as ClientOptions,
  };
}
