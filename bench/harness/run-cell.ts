import type { Postgres } from '../../tools/postgres.js';
import type { Cell } from './plan.js';
import { ProgramProcess } from './program-process.js';
import type { Endings } from './protocol.js';
import { readSizes, type ServerMeter } from './server-meter.js';

/** What one measurement found. Each is a number, so that all are summed up alike; undefined where it was not asked for or cannot be known. */
export interface Figures {
  readonly sagasPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Transactions that wrote something, a saga. */
  readonly commits: number;
  /** All transactions, a saga. */
  readonly transactions: number | undefined;
  readonly walBytes: number;
  /** Of all tables with their indexes, a saga. */
  readonly tableBytes: number;
  /** Of those, without the indexes. */
  readonly heapBytes: number;
  /** Processor time of the program, a saga. */
  readonly programCpuMs: number;
  /** Of all the server's processes. */
  readonly serverCpuMs: number | undefined;
  readonly loopDelayP99Ms: number;
}

export interface Bench {
  readonly postgres: Postgres;
  readonly meter: ServerMeter;
  readonly warmUpMs: number;
  readonly transactions: boolean;
}

/**
 * Runs one program on a fresh database, in a process of its own.
 * @param profile where a CPU profile goes, if one is wished for
 * @throws Error where the store says that a saga ended otherwise than it should
 */
export async function runCell(bench: Bench, cell: Cell, database: string, profile?: string): Promise<Figures> {
  const url = await bench.postgres.createDatabase(database);
  await bench.meter.checkpoint();
  const program = new ProgramProcess(cell.program);
  try {
    await program.open(url);
    const figures = await measure(bench, cell, { program, database, url, profile });
    await program.close();
    return figures;
  } finally {
    program.kill();
    await bench.meter.drop(database);
  }
}

interface Running {
  readonly program: ProgramProcess;
  readonly database: string;
  readonly url: string;
  readonly profile: string | undefined;
}

/**
 * First one at a time, as the first requests of a service come: V8 decides by the first objects of each kind whether all later ones go straight to its
 * old generation, for good. Then so many that the code is compiled in seconds, as it is in a process that has run for minutes. Then the load itself.
 */
const WARM_UP_FLIGHTS = [1, 128];

/** Gives how many sagas that were. */
async function warmUp(program: ProgramProcess, load: Parameters<ProgramProcess['warmUp']>[0]): Promise<number> {
  let sagas = 0;
  for (const flight of new Set([...WARM_UP_FLIGHTS, load.flight])) sagas += await program.warmUp({ ...load, flight });
  return sagas;
}

async function measure(bench: Bench, { kind, flight, sagas }: Cell, { program, database, url, profile }: Running): Promise<Figures> {
  const { meter, warmUpMs, transactions } = bench;
  const warmedUp = await warmUp(program, { kind, flight, ms: warmUpMs });
  const from = await meter.read(database, transactions);
  const seen = await program.measure({ kind, flight, sagas, profile });
  const to = await meter.read(database, transactions);
  const [walBytes, commits] = [await meter.walBytes(from, to), await meter.commits(from, to)];
  const { heap, total } = await readSizes(url);
  requireEnded(await program.endings(), kind === 'happy' ? 'completed' : 'compensated', warmedUp + sagas);
  return {
    sagasPerSecond: sagas / seen.seconds,
    p50Ms: seen.p50Ms,
    p99Ms: seen.p99Ms,
    commits: commits / sagas,
    transactions: between(from.transactions, to.transactions, sagas),
    walBytes: walBytes / sagas,
    tableBytes: total / (warmedUp + sagas),
    heapBytes: heap / (warmedUp + sagas),
    programCpuMs: (seen.cpuSeconds / sagas) * 1_000,
    serverCpuMs: between(from.cpuMs, to.cpuMs, sagas),
    loopDelayP99Ms: seen.loopDelayP99Ms,
  };
}

const between = (from: number | undefined, to: number | undefined, sagas: number): number | undefined =>
  from === undefined || to === undefined ? undefined : (to - from) / sagas;

function requireEnded(endings: Endings, end: keyof Endings, sagas: number): void {
  const all = endings.completed + endings.compensated + endings.other;
  if (endings[end] !== sagas || all !== sagas)
    throw new Error(`${sagas} sagas should have ended as ${end}; the store says ${JSON.stringify(endings)}`);
}
