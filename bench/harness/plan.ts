import type { Kind } from '../workload/order.js';
import type { Options } from './options.js';

/** The programs, as the tables list them; each is a file in bench/programs. */
export const PROGRAMS = ['ours', 'dbos', 'by-hand', 'one-statement', 'grouped'] as const;

export type ProgramName = (typeof PROGRAMS)[number];

/** One row of the tables: what is measured, in each repetition. */
export interface Cell {
  readonly program: ProgramName;
  readonly kind: Kind;
  /** Sagas at once. */
  readonly flight: number;
  readonly sagas: number;
}

/** Long enough to average over, short enough to wait for. */
const SAGAS: readonly { readonly from: number; readonly sagas: number }[] = [
  { from: 1_000, sagas: 20_000 },
  { from: 100, sagas: 10_000 },
  { from: 10, sagas: 2_000 },
  { from: 1, sagas: 600 },
];

/** Of programs that run some hundreds a second. */
const MOST_OF_SLOW = 4_000;
const SLOW: readonly ProgramName[] = ['dbos', 'by-hand'];

/** One load, for all programs. */
export interface Load {
  readonly cells: readonly Cell[];
  /** How often they take turns in one repetition. */
  readonly turns: number;
}

/** The loads of one repetition: the programs take turns, so that what the machine does meanwhile meets all of them. */
export function planOf({ programs, kinds, flights, sagas }: Options): readonly Load[] {
  return kinds.flatMap((kind) =>
    // A saga that unwinds differs in what is written, not in how it is written: one load tells.
    flightsOf(kind, flights).map((flight) => ({
      turns: TURNS.find(({ to }) => flight <= to)?.turns ?? 1,
      cells: programs.map((program) => ({ program, kind, flight, sagas: sagas ?? sagasOf(program, flight) })),
    })),
  );
}

/**
 * Few sagas at a time wait for the disk and for the machine to wake up, again and again: for some seconds that takes half as long or twice as long, whichever
 * program it is. Of few long turns one program would meet the good ones.
 */
const TURNS = [
  { to: 1, turns: 4 },
  { to: 16, turns: 2 },
];

const COMPENSATE_FLIGHT = 128;

const flightsOf = (kind: Kind, flights: readonly number[]): readonly number[] =>
  kind === 'compensate' && flights.includes(COMPENSATE_FLIGHT) ? [COMPENSATE_FLIGHT] : flights;

function sagasOf(program: ProgramName, flight: number): number {
  const sagas = SAGAS.find(({ from }) => flight >= from)?.sagas ?? 0;
  return SLOW.includes(program) ? Math.min(sagas, MOST_OF_SLOW) : sagas;
}
