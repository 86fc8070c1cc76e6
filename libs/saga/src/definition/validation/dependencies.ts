import type { SagaFault } from '../saga-definition.error.js';
import type { StepNode } from '../step-graph.js';
import { fault, hasStep, stepNames, type Subject } from './subject.js';

export function* checkDependencies(subject: Subject): Iterable<SagaFault> {
  for (const { name, after } of subject.graph.steps) {
    for (const dependency of after) {
      if (!hasStep(subject, dependency))
        yield fault(subject, `comes after '${dependency}', which is no step of this saga. Its steps: ${stepNames(subject)}.`, name);
    }
  }
  yield* checkCycles(subject);
}

/** One fault a cycle, told from its first step. */
function* checkCycles(subject: Subject): Iterable<SagaFault> {
  const told = new Set<string>();
  for (const { name, ancestors } of subject.graph.steps) {
    if (told.has(name) || !ancestors.has(name)) continue;
    const cycle = cycleFrom(name, subject.graph.steps);
    for (const step of cycle) told.add(step);
    yield fault(subject, `waits for itself: ${cycle.join(' after ')} after ${name}. Remove one of these dependencies.`, name);
  }
}

/** The steps of a shortest way from a step back to itself, each coming after the next. */
function cycleFrom(start: string, steps: readonly StepNode[]): readonly string[] {
  const afterOf = new Map(steps.map(({ name, after }) => [name, after]));
  const open: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    for (const next of afterOf.get(path.at(-1) ?? start) ?? []) {
      if (next === start) return path;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push([...path, next]);
    }
  }
  return [start];
}
