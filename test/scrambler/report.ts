import { transcriptOf } from '../../libs/saga/src/planning/transcript.fixture.js';
import { readEntries } from '../../libs/saga/src/store/postgres/stored-rows.js';
import { booksOf, faultsOf, type OrderSeen } from './laws.js';
import type { Happening } from './scrambling-client.js';
import type { ScrambleOptions } from './scramble.js';
import type { ShopDatabases } from './shop-databases.js';

export interface ScrambleReport {
  readonly orders: readonly OrderSeen[];
  /** One line a kill. */
  readonly killed: readonly string[];
  readonly messages: Readonly<Record<Happening, number>>;
  readonly attempts: number;
  readonly tookMs: number;
}

const BROKEN_TOLD = 3;

interface Found {
  readonly orders: readonly OrderSeen[];
  readonly killed: readonly string[];
  readonly databases: ShopDatabases;
  /** By the processes. */
  readonly printed: string;
}

/** @throws Error where an order is not as it should be */
export async function complain(
  { orders, killed, databases, printed }: Found,
  { transport, sagas, kills, seed }: ScrambleOptions,
): Promise<void> {
  const broken = orders.filter((order) => faultsOf(order).length > 0);
  if (broken.length === 0) return;
  const told = await Promise.all(broken.slice(0, BROKEN_TOLD).map(async (order) => accountOf(order, databases)));
  throw new Error(
    [
      `${broken.length} of ${sagas} orders are broken.`,
      `Again with npm run scramble -- --transport ${transport.name} --sagas ${sagas} --kills ${kills} --seed ${seed}`,
      ...killed,
      ...told,
      printed,
    ].join('\n'),
  );
}

/** For whoever has to find out what went wrong. */
async function accountOf(seen: OrderSeen, databases: ShopDatabases): Promise<string> {
  const rows = seen.sagaId === 'none' ? [] : await databases.journal(seen.sagaId);
  const begins = rows[0]?.at ?? 0;
  const journal = rows.flatMap(({ sequence, at, entries }) =>
    readEntries(sequence, at, entries).map((entry) => `  ${at - begins} ms: ${transcriptOf([entry], at)}`),
  );
  return [`--- ${JSON.stringify(seen.order)}, ${seen.sagaId}`, ...faultsOf(seen), booksOf(seen), 'its journal:', ...journal].join('\n');
}

export async function countAttempts(databases: ShopDatabases): Promise<number> {
  const rows = await databases.journal();
  return rows.flatMap(({ sequence, entries }) => readEntries(sequence, 0, entries)).filter(({ kind }) => kind === 'attempt-started').length;
}

/** The figures of a run in which nothing broke. */
export function figuresOf({ orders, killed, messages, attempts, tookMs }: ScrambleReport): string {
  const ended = (status: string): number => orders.filter((order) => order.status === status).length;
  const times = (role: string): number => killed.filter((line) => line.includes(role)).length;
  const { sent, lost, repeated, late } = messages;
  return [
    `${orders.length} orders in ${(tookMs / 1_000).toFixed(1)} s: ${ended('completed')} completed, ${ended('compensated')} compensated; ${attempts} attempts`,
    `killed: ${['orchestrator', 'stock', 'till', 'gateway'].map((role) => `${role} ${times(role)} times`).join(', ')}`,
    `${sent} commands sent; of them and their replies ${lost} lost, ${repeated} repeated, ${late} late`,
  ].join('\n');
}
