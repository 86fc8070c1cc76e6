import type { SagaFault } from '../saga-definition.error.js';
import type { StepNode } from '../step-graph.js';
import { fault, hasStep, stepNames, type Subject } from './subject.js';

/** Every compensatable step has one compensation, and no other step has any. */
export function* checkCompensations(subject: Subject): Iterable<SagaFault> {
  const { compensations } = subject.metadata;
  for (const step of subject.graph.steps) {
    if (step.kind !== 'compensatable' || step.position === 'after') continue;
    if (compensations.some((compensation) => compensation.step === step.name)) continue;
    yield fault(subject, `has no compensation. Add @Compensate('${step.name}'), or kind: 'readonly' if it changes nothing.`, step.name);
  }
  const taken = new Map<string, string>();
  for (const { method, step } of compensations) {
    const other = taken.get(step);
    if (other !== undefined) yield fault(subject, `compensates '${step}', which ${other} compensates already. Keep one of them.`, method);
    taken.set(step, other ?? method);
    if (!hasStep(subject, step))
      yield fault(subject, `compensates '${step}', which is no step of this saga. Its steps: ${stepNames(subject)}.`, method);
    const idle = idleBecause(subject.graph.steps.find(({ name }) => name === step));
    if (idle !== undefined) yield fault(subject, `compensates '${step}', ${idle}`, method);
  }
}

/** Why a compensation of this step would never run. */
function idleBecause(step: StepNode | undefined): string | undefined {
  switch (step?.kind) {
    case 'child':
      return 'a child saga, which undoes itself. Remove it.';
    case 'readonly':
      return "which is readonly and leaves nothing to undo. Remove it, or say kind: 'compensatable'.";
    case 'pivot':
      return 'the pivot, which is never undone. Remove it.';
    case 'retriable':
      return 'which comes after the pivot and is never undone. Remove it, or move the step before the pivot.';
    default:
      return undefined;
  }
}
