import type { Definition, StepDefinition } from './definition.js';

/** What follows from the dependencies of a definition, worked out once. */
export interface Graph {
  readonly byName: ReadonlyMap<string, StepDefinition>;
  /** All that a step depends on, directly or not. */
  readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>;
  /** All that depends on a step, directly or not. */
  readonly descendants: ReadonlyMap<string, ReadonlySet<string>>;
  readonly pivot: StepDefinition | null;
}

const graphs = new WeakMap<Definition, Graph>();

export function graphOf(definition: Definition): Graph {
  const known = graphs.get(definition);
  if (known !== undefined) return known;
  const graph = makeGraph(definition.steps);
  graphs.set(definition, graph);
  return graph;
}

export const isAfterPivot = ({ pivot, ancestors }: Graph, step: string): boolean =>
  pivot !== null && ancestors.get(step)?.has(pivot.name) === true;

/** By step: all that it depends on, directly or not. */
export function ancestorsOf(steps: readonly Pick<StepDefinition, 'name' | 'after'>[]): ReadonlyMap<string, ReadonlySet<string>> {
  const after = new Map(steps.map((step) => [step.name, step.after]));
  return new Map(steps.map(({ name }) => [name, reach(name, (step) => after.get(step) ?? [])]));
}

function makeGraph(steps: readonly StepDefinition[]): Graph {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const ancestors = ancestorsOf(steps);
  const dependents = (name: string): string[] => steps.filter(({ after }) => after.includes(name)).map((step) => step.name);
  const descendants = new Map(steps.map(({ name }) => [name, reach(name, dependents)]));
  return { byName, ancestors, descendants, pivot: steps.find(({ kind }) => kind === 'pivot') ?? null };
}

function reach(from: string, next: (name: string) => readonly string[]): Set<string> {
  const seen = new Set<string>();
  const open = [...next(from)];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...next(name));
  }
  return seen;
}
