import type { StepDefinition } from '../planning/definition.js';
import { graphHash } from './graph-hash.js';
import type { RegisteredSaga } from './registered-saga.js';

/**
 * A saga for one that began before some of its steps were renamed. Those keep the names under which they began: in the journal,
 * in keys, on the wire, in the view. What user code reads of results has today's names. [R23]
 *
 * @param renamed by the name under which a step began, its name today
 */
export function begunUnder(registered: RegisteredSaga, renamed: ReadonlyMap<string, string>): RegisteredSaga {
  if (renamed.size === 0) return registered;
  const begun = new Map([...renamed].map(([name, today]) => [today, name]));
  const nameOf = (today: string): string => begun.get(today) ?? today;
  const steps = registered.definition.steps.map((step) => underFormerNames(step, nameOf, renamed));
  return {
    ...registered,
    renamed,
    definition: { ...registered.definition, hash: graphHash(steps), steps },
    methods: new Map([...registered.methods].map(([today, methods]) => [nameOf(today), methods])),
  };
}

/** The name of a step in its class. */
export const todaysName = ({ renamed }: Pick<RegisteredSaga, 'renamed'>, step: string): string => renamed?.get(step) ?? step;

/** What is kept by step, under the names of the class. */
export function underTodaysNames<T>(
  registered: Pick<RegisteredSaga, 'renamed'>,
  byStep: Readonly<Record<string, T>>,
): Readonly<Record<string, T>> {
  if (registered.renamed === undefined) return byStep;
  return Object.fromEntries(Object.entries(byStep).map(([step, value]) => [todaysName(registered, step), value]));
}

/** Its conditions are asked by user code of the class. */
function underFormerNames(step: StepDefinition, nameOf: (today: string) => string, renamed: ReadonlyMap<string, string>): StepDefinition {
  const { when, each } = step;
  return {
    ...step,
    name: nameOf(step.name),
    after: step.after.map(nameOf),
    ...(when && { when: (scope) => when({ ...scope, results: underTodaysNames({ renamed }, scope.results) }) }),
    ...(each && { each: (scope) => each({ ...scope, results: underTodaysNames({ renamed }, scope.results) }) }),
  };
}
