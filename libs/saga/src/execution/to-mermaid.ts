import type { Type } from '@nestjs/common';

import { SagaNotRegisteredError } from '../definition/saga-registry.js';
import { readSaga } from '../definition/saga-metadata.accessor.js';
import { makeStepGraph } from '../definition/step-graph.js';
import type { SagaView, StepView } from '../planning/view.js';

/**
 * A definition, or one saga with its outcomes, as a Mermaid flowchart: steps and what they depend on; dotted, what undoes
 * them; the pivot as a double box. A view knows the order of the steps, and not what depends on what.
 */
export function toMermaid(saga: Type<object> | SagaView): string {
  return ['flowchart TD', ...(typeof saga === 'function' ? definitionLines(saga) : viewLines(saga))].join('\n');
}

function definitionLines(type: Type<object>): readonly string[] {
  const metadata = readSaga(type);
  if (metadata === undefined) throw new SagaNotRegisteredError(`${type.name} has no @SagaDefinition({ name }).`);
  const { steps } = makeStepGraph(metadata.steps);
  return steps.flatMap(({ name, kind, after }) => {
    const undo = metadata.compensations.find(({ step }) => step === name);
    return [
      `  ${name}${kind === 'pivot' ? `[[${name}]]` : `[${name}]`}`,
      ...after.map((before) => `  ${before} --> ${name}`),
      ...(undo === undefined ? [] : [`  ${name} -. undone by .-> ${undo.method}(${undo.method})`]),
    ];
  });
}

function viewLines({ steps }: SagaView): readonly string[] {
  return steps.flatMap((step, index) => {
    const before = steps[index - 1];
    return [
      `  ${step.step}["${step.step}: ${step.status}"]`,
      ...(before === undefined ? [] : [`  ${before.step} --> ${step.step}`]),
      ...undoLine(step),
    ];
  });
}

const undoLine = ({ step, compensation }: StepView): readonly string[] =>
  compensation === null || compensation.status === 'pending' ? [] : [`  ${step} -. ${compensation.status} .-> undo_${step}(undone)`];
