import type { Cell } from '../harness/plan.js';
import type { Figures } from '../harness/run-cell.js';

/** One cell with what each repetition found, in order. */
export interface Result extends Cell {
  readonly repetitions: readonly Figures[];
}

/** Everything of one run, as it is written down. */
export interface Report {
  readonly at: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGb: number;
    readonly system: string;
    readonly node: string;
    readonly postgres: string;
  };
  readonly results: readonly Result[];
}
