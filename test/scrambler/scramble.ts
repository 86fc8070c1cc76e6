import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { eventually } from '../support/eventually.js';
import type { TestTransport } from '../support/transports.js';
import { GatewayBook } from './gateway-book.js';
import type { OrderSeen } from './laws.js';
import { Network } from './network.js';
import type { News } from './node/settings.js';
import { killsOf, ordersOf, ROLES } from './plans.js';
import { complain, countAttempts, type ScrambleReport } from './report.js';
import { ShopDatabases } from './shop-databases.js';
import { ShopProcesses } from './shop-processes.js';

export interface ScrambleOptions {
  readonly transport: TestTransport;
  readonly sagas: number;
  /** So many processes are killed, one each beat, while the orders come in. */
  readonly kills: number;
  readonly seed: number;
}

const BEAT_MS = 2_000;
/** How long the sagas have to end, once nobody is killed any more: many have only begun by then. */
const PATIENCE_MS = 120_000;
const PATIENCE_PER_SAGA_MS = 100;

/**
 * Orders of a shop whose messages get lost, come twice, late and in any order, while its processes are killed.
 *
 * @throws Error with the seed, the kills and the first broken orders, where one is not as it should be
 */
export async function scramble(options: ScrambleOptions): Promise<ScrambleReport> {
  const folder = mkdtempSync(join(tmpdir(), 'scrambler-'));
  const databases = await ShopDatabases.create();
  const messages = { sent: 0, lost: 0, repeated: 0, late: 0 };
  let network: Network | undefined;
  const onNews = (news: News): void => {
    if ('kept' in news) network?.keep(news.kept);
    else for (const kind of ['sent', 'lost', 'repeated', 'late'] as const) messages[kind] += news.happened[kind] ?? 0;
  };
  const processes = await ShopProcesses.start({ databases, transport: options.transport, folder, seed: options.seed, onNews });
  try {
    network = new Network({ stock: processes.wires.stock.client(), till: processes.wires.till.client() });
    const began = performance.now();
    const killed: string[] = [];
    await Promise.race([live({ processes, databases, network, killed }, options), processes.areKept()]);
    const tookMs = performance.now() - began;
    const orders = await look(databases, processes.gatewayBook, options);
    await complain({ orders, killed, databases, printed: processes.printed() }, options);
    return { orders, killed, messages, attempts: await countAttempts(databases), tookMs };
  } finally {
    await network?.close();
    await processes.close();
    await databases.drop();
    rmSync(folder, { recursive: true });
  }
}

interface Running {
  readonly processes: ShopProcesses;
  readonly databases: ShopDatabases;
  readonly network: Network;
  readonly killed: string[];
}

async function live({ processes, databases, network, killed }: Running, options: ScrambleOptions): Promise<void> {
  const { seed, sagas, kills } = options;
  const start = async (index: number): Promise<void> => {
    await pause((index * kills * BEAT_MS) / sagas);
    // Once, by its key. [R6]
    await processes.crews.orchestrator.ask(index, async (one) => one.ask(orders[index] ?? {}));
  };
  const orders = ordersOf(seed, sagas);
  const killThem = async (): Promise<void> => {
    for (const [index, kill] of killsOf(seed, kills).entries()) {
      await pause(BEAT_MS);
      // However long they take to boot: once each was killed, all are there for a moment.
      if (index % ROLES.length === 0) await processes.areAwake();
      killed.push(`beat ${index + 1}: ${await processes.kill(kill)}`);
    }
  };
  await Promise.all([killThem(), ...orders.map(async (_, index) => start(index))]);
  const isAtRest = async (): Promise<boolean> => (await databases.open()) === 0 && network.isQuiet;
  // What is not at rest when the patience ends, the laws name.
  await eventually(isAtRest, Boolean, PATIENCE_MS + sagas * PATIENCE_PER_SAGA_MS).catch(() => undefined);
  // What was kept is with their participants by now; these finish what they are at.
  await Promise.all(Object.values(processes.crews).map(async (crew) => crew.leave()));
}

async function look(databases: ShopDatabases, gatewayBook: string, { seed, sagas }: ScrambleOptions): Promise<readonly OrderSeen[]> {
  const [started, stock, till] = [await databases.sagas(), await databases.lines('stock'), await databases.lines('till')];
  const gateway = new GatewayBook(gatewayBook).read();
  return ordersOf(seed, sagas).map((order) => {
    const { id, status } = started.get(order.order) ?? { id: 'none', status: 'missing' };
    return {
      order,
      sagaId: id,
      status,
      stock: stock.get(order.order) ?? [],
      till: till.get(order.order) ?? [],
      gateway: gateway.filter(({ key }) => key.startsWith(`${id}:`)),
    };
  });
}
