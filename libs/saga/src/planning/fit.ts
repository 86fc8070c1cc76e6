import type { Definition, StepDefinition } from './definition.js';
import { unfitStep } from './fit-of-step.js';
import { ancestorsOf } from './graph.js';
import { type SagaState, stepState } from './state.js';

/** What a graph's hash covers of a step. */
export type GraphStep = Pick<StepDefinition, 'name' | 'after' | 'kind'>;

export type Fit =
  | {
      readonly kind: 'fits';
      /** By the name under which a step began, its name today; only where they differ. */
      readonly renamed: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'unfit'; readonly step: string; readonly why: string };

/**
 * Whether a saga that began under one graph goes on under a definition with another: each step that has begun is found there, by
 * its name or by `was`, goes on there as it began, and depends on the same steps among those that have begun. [R23]
 *
 * Dependencies are compared with those in between: on them rest the order of compensations and what a step may read. So a
 * new step may stand between two that have begun; it runs late.
 */
export function fitOf(state: SagaState, graph: readonly GraphStep[], { steps }: Definition): Fit {
  const begun = begunSteps(state);
  const today = new Map<string, string>();
  const begunAs = new Map<string, string>();
  const find = (step: string): StepDefinition | undefined =>
    steps.find(({ name }) => name === step) ?? steps.find(({ was }) => was.includes(step));
  for (const step of begun) {
    const found = find(step);
    if (found === undefined) return unfit(step, `${step} has begun, and no step is called that here, or was`);
    const former = graph.find(({ name }) => name === step);
    const why = former && unfitStep(state, former, found);
    if (why !== undefined) return unfit(step, why);
    const other = begunAs.get(found.name);
    if (other !== undefined) return unfit(step, `${step} and ${other} have begun, and both would be ${found.name} here`);
    today.set(step, found.name);
    begunAs.set(found.name, step);
  }
  const renamed = new Map(today);
  // What was skipped keeps its name all the same: under another it would be there twice.
  for (const step of Object.keys(state.steps)) {
    const found = find(step);
    if (!today.has(step) && found !== undefined && !begunAs.has(found.name)) renamed.set(step, found.name);
  }
  const before = ancestorsOf(graph);
  const now = ancestorsOf(steps);
  for (const [step, name] of today) {
    const then = begun.filter((other) => before.get(step)?.has(other));
    const here = begun.filter((other) => now.get(name)?.has(today.get(other) ?? other));
    if (then.join() !== here.join()) return unfit(step, `${step} began after ${list(then)}, and comes after ${list(here)} here`);
  }
  return { kind: 'fits', renamed: new Map([...renamed].filter(([step, name]) => step !== name)) };
}

/** A step that has begun, and that the graph it ran under does not have: somebody else wrote the journal. [R4] */
export const strangerIn = (state: SagaState, graph: readonly GraphStep[]): string | undefined =>
  begunSteps(state).find((step) => !graph.some(({ name }) => name === step));

/** Unwinding leaves alone what was skipped: whether there is such a step still, makes no difference then. */
function begunSteps(state: SagaState): readonly string[] {
  const names = Object.keys(state.steps);
  if (!state.unwinding) return names;
  return names.filter((name) => stepState(state, name).nodes.some(({ status }) => status !== 'pending' && status !== 'skipped'));
}

const unfit = (step: string, why: string): Fit => ({ kind: 'unfit', step, why });

const list = (steps: readonly string[]): string => (steps.length === 0 ? 'nothing' : steps.join(', '));
