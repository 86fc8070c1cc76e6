import type { StepKind } from '../planning/definition.js';
import type { StepMetadata } from './saga-metadata.js';

/** A step in its place among the others. */
export interface StepNode {
  readonly name: string;
  readonly metadata: StepMetadata;
  /** As written, or the step above it. */
  readonly after: readonly string[];
  /** All that it depends on, directly or not; itself too, in a cycle. */
  readonly ancestors: ReadonlySet<string>;
  /** undefined: the graph has faults, so it cannot be said. */
  readonly position: 'before' | 'pivot' | 'after' | 'beside' | undefined;
  /** As written, or as the position makes it; undefined where that cannot be said. */
  readonly kind: StepKind | undefined;
}

export interface StepGraph {
  readonly steps: readonly StepNode[];
  /** The first one, where several are marked. */
  readonly pivot: string | undefined;
}

export const waits = ({ via }: StepMetadata): boolean => via !== 'call';

export function makeStepGraph(steps: readonly StepMetadata[]): StepGraph {
  const after = dependenciesOf(steps);
  const ancestors = new Map([...after.keys()].map((name) => [name, reach(name, after)]));
  const pivots = steps.filter(({ options }) => options.kind === 'pivot').map(({ method }) => method);
  const sound =
    pivots.length <= 1 &&
    [...after.values()].flat().every((name) => after.has(name)) &&
    [...ancestors].every(([name, above]) => !above.has(name));
  const [pivot] = pivots;

  const positionOf = (name: string): StepNode['position'] => {
    if (pivot === undefined) return 'before';
    if (!sound) return undefined;
    if (name === pivot) return 'pivot';
    if (ancestors.get(pivot)?.has(name)) return 'before';
    return ancestors.get(name)?.has(pivot) ? 'after' : 'beside';
  };
  return {
    pivot,
    steps: steps.map((metadata): StepNode => {
      const name = metadata.method;
      const position = positionOf(name);
      return {
        name,
        metadata,
        after: after.get(name) ?? [],
        ancestors: ancestors.get(name) ?? new Set(),
        position,
        kind: kindOf(metadata, position),
      };
    }),
  };
}

/** Left out: compensatable before the pivot (readonly, if it waits), retriable after it. */
function kindOf(step: StepMetadata, position: StepNode['position']): StepKind | undefined {
  if (step.options.kind !== undefined) return step.options.kind;
  if (position === 'before') return waits(step) ? 'readonly' : 'compensatable';
  return position === 'after' ? 'retriable' : undefined;
}

function dependenciesOf(steps: readonly StepMetadata[]): ReadonlyMap<string, readonly string[]> {
  let above: readonly string[] = [];
  const dependencies = new Map<string, readonly string[]>();
  for (const { method, options } of steps) {
    dependencies.set(method, options.after === undefined ? above : [...new Set([options.after].flat())]);
    above = [method];
  }
  return dependencies;
}

function reach(from: string, next: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...(next.get(from) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(next.get(name) ?? []));
  }
  return seen;
}
