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

/** A way to one participant, which nobody else uses. */
export interface Wire {
  readonly service: MicroserviceOptions;
  /** Where clients connect to. */
  readonly port: number;
  /** @param port another one, of somebody who stands between */
  client(port?: number): ClientOptions;
  /** What stands between; missing where they talk to each other. */
  readonly broker?: Pick<Broker, 'start' | 'stop'>;
}

export interface TestTransport {
  readonly name: string;
  /** Somebody stands between the two sides. */
  readonly hasBroker: boolean;
  /** A sender learns that nobody took his message, rather than wait for a reply. */
  readonly tellsOfNobody: boolean;
  open(): Promise<Wire>;
}

/** How one transport is used in tests. */
interface Kind {
  readonly name: string;
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
        const { transport, end } = inThisDescribe(kind);
        tell(transport);
        // What the tests end they end before: it may want to say goodbye to its broker.
        afterAll(end, BROKER_MS);
      });
      continue;
    }
    process.stderr.write(`Left out: ${where}: ${fault}\n`);
    describe.skip(`${where} (${fault})`, () => tell(inThisDescribe(kind).transport));
  }
}

function inThisDescribe(kind: Kind): { readonly transport: TestTransport; end(): Promise<void> } {
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

function wireOf(kind: Kind, port: number, name: string): Wire {
  return { service: kind.options(port, name), port, client: (other = port) => kind.options(other, name) as ClientOptions };
}
