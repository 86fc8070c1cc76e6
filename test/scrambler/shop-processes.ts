import { join } from 'node:path';

import { freePort } from '../../tools/free-port.js';
import { Crew } from '../support/crew.js';
import { ForkedProcess } from '../support/forked-process.js';
import type { TestTransport, Wire } from '../support/transports.js';
import type { News, Settings } from './node/settings.js';
import type { Kill } from './plans.js';
import { STOCK, TILL } from './shop/commands.js';
import type { ShopDatabases } from './shop-databases.js';

export interface ShopSetup {
  readonly databases: ShopDatabases;
  readonly transport: TestTransport;
  /** Of the gateway's book. */
  readonly folder: string;
  readonly seed: number;
  onNews(news: News): void;
}

const ORCHESTRATORS = 2;

/** Orchestrators, two participants and a gateway: each a process of its own, which is booted again when it dies. */
export class ShopProcesses {
  private readonly booted: ForkedProcess[] = [];
  private readonly boots: Promise<ForkedProcess>[] = [];
  private isClosed = false;
  readonly crews: Readonly<Record<Kill['role'], Crew<ForkedProcess>>>;

  private constructor(
    readonly wires: Readonly<Record<typeof STOCK | typeof TILL, Wire>>,
    readonly gatewayBook: string,
    gatewayPort: number,
    private readonly setup: ShopSetup,
  ) {
    const { databases, seed } = setup;
    const gateway = `http://127.0.0.1:${gatewayPort}`;
    const addresses = { stock: wires.stock.address, till: wires.till.address };
    this.crews = {
      orchestrator: this.crew('orchestrator', { role: 'orchestrator', databaseUrl: databases.orders.url, seed, wires: addresses }),
      stock: this.crew('stock', { role: 'participant', name: STOCK, databaseUrl: databases.stock.url, wire: addresses.stock, gateway }),
      till: this.crew('till', { role: 'participant', name: TILL, databaseUrl: databases.till.url, wire: addresses.till, gateway }),
      gateway: this.crew('gateway', { role: 'gateway', port: gatewayPort, book: gatewayBook, seed }),
    };
  }

  static async start(setup: ShopSetup): Promise<ShopProcesses> {
    const wires = { stock: await setup.transport.open(), till: await setup.transport.open() };
    const processes = new ShopProcesses(wires, join(setup.folder, 'gateway.txt'), await freePort(), setup);
    await Promise.race([processes.areAwake(), processes.areKept()]);
    return processes;
  }

  /** Rejects when one boots no more. */
  async areKept(): Promise<unknown> {
    return Promise.all(Object.values(this.crews).map(async ({ isKept }) => isKept));
  }

  async areAwake(): Promise<void> {
    await Promise.all(Object.entries(this.crews).map(async ([role, crew]) => crew.isAwake(sizeOf(role))));
  }

  /** SIGKILL. */
  async kill({ role, pick }: Kill): Promise<string> {
    const crew = this.crews[role];
    await crew.isAwake(1);
    const awake = crew.awake();
    const one = awake[pick % awake.length];
    await one?.kill();
    return one?.name ?? `nobody of ${role}`;
  }

  /** The ends of what they printed. */
  printed(): string {
    return this.booted
      .filter(({ printed }) => printed !== '')
      .map(({ name, printed }) => `--- ${name}\n${printed.slice(-1_000)}`)
      .join('\n');
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.allSettled(this.boots);
    await Promise.all(this.booted.map(async (one) => one.kill()));
  }

  private crew(role: string, settings: Settings): Crew<ForkedProcess> {
    return new Crew({
      size: sizeOf(role),
      isClosed: () => this.isClosed,
      boot: async (name) => {
        const booting = ForkedProcess.bootForked({
          name: `${role} ${name}`,
          module: new URL('node/main.ts', import.meta.url),
          settings,
        });
        this.boots.push(booting);
        const one = await booting;
        one.onNews<News>((news) => this.setup.onNews(news));
        this.booted.push(one);
        return one;
      },
    });
  }
}

const sizeOf = (role: string): number => (role === 'orchestrator' ? ORCHESTRATORS : 1);
