import type { ProgramName } from '../harness/plan.js';
import type { Figures } from '../harness/run-cell.js';
import type { Kind } from '../workload/order.js';
import type { Result } from './results.js';
import { type Spread, spreadOf } from './spread.js';
import { markdown, numberText } from './tables.js';

/** What is asked of ours: by itself, or as a multiple of what a peer does beside it. */
interface Goal {
  readonly kind: Kind;
  readonly flight: number;
  readonly figure: keyof Figures;
  readonly what: string;
  readonly peer?: ProgramName;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const GOALS: readonly Goal[] = [
  { kind: 'happy', flight: 128, figure: 'sagasPerSecond', what: 'sagas/s', peer: 'dbos', atLeast: 15 },
  { kind: 'happy', flight: 128, figure: 'sagasPerSecond', what: 'sagas/s', peer: 'grouped', atLeast: 0.5 },
  { kind: 'happy', flight: 16, figure: 'sagasPerSecond', what: 'sagas/s', peer: 'dbos', atLeast: 9 },
  { kind: 'compensate', flight: 128, figure: 'sagasPerSecond', what: 'sagas/s', peer: 'dbos', atLeast: 15 },
  { kind: 'happy', flight: 1_000, figure: 'sagasPerSecond', what: 'sagas/s', peer: 'grouped', atLeast: 1 / 3 },
  { kind: 'happy', flight: 1, figure: 'p50Ms', what: 'p50 ms', peer: 'one-statement', atMost: 1.4 },
  // Three steps, the start and the end.
  { kind: 'happy', flight: 1, figure: 'commits', what: 'commits a saga', atMost: 5.02 },
  { kind: 'happy', flight: 128, figure: 'commits', what: 'commits a saga', atMost: 0.5 },
  { kind: 'happy', flight: 128, figure: 'walBytes', what: 'WAL bytes a saga', peer: 'by-hand', atMost: 1 },
  { kind: 'happy', flight: 128, figure: 'tableBytes', what: 'table bytes a saga', atMost: 2_000 },
];

/** Whether each goal is reached, by the median over the repetitions; those that this run did not measure are left out. */
export function goalsOf(results: readonly Result[]): string {
  const rows = GOALS.flatMap((goal) => {
    const spread = measured(results, goal);
    return spread ? [rowOf(goal, spread)] : [];
  });
  return rows.length === 0 ? '' : markdown([['', 'goal', 'measured', 'least', 'most', 'reached'], ...rows]);
}

/** A peer is compared within each repetition, minutes apart at most: what slows the machine slows both. */
function measured(results: readonly Result[], { kind, flight, figure, peer }: Goal): Spread | undefined {
  const repetitionsOf = (program: ProgramName): readonly Figures[] =>
    results.find((result) => result.program === program && result.kind === kind && result.flight === flight)?.repetitions ?? [];
  const peers = peer && repetitionsOf(peer);
  if (peers?.length === 0) return undefined;
  return spreadOf(repetitionsOf('ours').map((ours, index) => ratio(ours[figure], peers ? peers[index]?.[figure] : 1)));
}

const ratio = (ours: number | undefined, theirs: number | undefined): number | undefined =>
  ours === undefined || theirs === undefined ? undefined : ours / theirs;

function rowOf({ kind, flight, what, peer, atLeast, atMost }: Goal, { median, min, max }: Spread): readonly string[] {
  const limit = atLeast ?? atMost ?? 0;
  const reached = atLeast === undefined ? median <= limit : median >= limit;
  const unit = peer ? ` × ${peer}` : '';
  return [
    `${kind}, ${flight} in flight: ${what}`,
    `${atLeast === undefined ? '≤' : '≥'} ${short(limit)}${unit}`,
    ...[median, min, max].map(short),
    reached ? 'yes' : 'NO',
  ];
}

const short = (value: number): string => numberText(value, value >= 100 ? 0 : 2);
