import { type Spread, spreadOf } from '../report/spread.js';
import type { Operation } from './operations.js';
import { settle, type Side } from './side.js';

/** One operation, on each of the sides, by their names. */
export interface Timed {
  readonly operation: Operation;
  /** Milliseconds: the medians of the repetitions. */
  readonly medians: Readonly<Record<string, readonly number[]>>;
}

/**
 * Measures each operation on all sides by turns, sample by sample: what slows the machine slows all of them. The first sample is thrown away.
 * @param ready what is to be done to a side before each repetition
 */
export async function measure(
  operations: readonly Operation[],
  sides: readonly Side[],
  { repetitions, ready }: { readonly repetitions: number; readonly ready: (side: Side) => Promise<void> },
): Promise<readonly Timed[]> {
  const found = operations.map((operation) => ({
    operation,
    medians: Object.fromEntries(sides.map(({ name }) => [name, new Array<number>()])),
  }));
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const side of sides) await ready(side);
    for (const { operation, medians } of found) {
      const samples = await sample(operation, sides);
      for (const { name } of sides) medians[name]?.push(spreadOf(samples[name] ?? [])?.median ?? 0);
    }
  }
  return found;
}

async function sample(operation: Operation, sides: readonly Side[]): Promise<Readonly<Record<string, number[]>>> {
  const samples = Object.fromEntries(sides.map(({ name }) => [name, new Array<number>()]));
  for (let turn = 0; turn <= operation.samples; turn += 1)
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) {
      const work = await operation.prepare(side);
      const from = performance.now();
      await work();
      if (turn > 0) samples[side.name]?.push(performance.now() - from);
    }
  for (const side of sides) await settle(side);
  return samples;
}

/** How many times longer than on another side, within each repetition. */
export const ratioOf = ({ medians }: Timed, side: string, than: string): Spread | undefined =>
  spreadOf((medians[side] ?? []).map((median, index) => median / (medians[than]?.[index] ?? NaN)));
