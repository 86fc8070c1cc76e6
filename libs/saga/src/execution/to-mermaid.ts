import type { Type } from '@nestjs/common';

import { readSaga } from '../definition/saga-metadata.accessor.js';
import { SagaNotRegisteredError } from '../definition/saga-registry.js';
import type { SagaView } from '../planning/view.js';
import { definitionDrawing } from './definition-drawing.js';
import { flowchart } from './flowchart.js';
import { sagaDrawing } from './saga-drawing.js';

/**
 * A definition, or one saga with its outcomes, as a Mermaid flowchart: steps and what they depend on; dotted, what undoes them.
 * The pivot is a hexagon with a thick border, a step with `each` leans, one that waits has round ends, a child saga has double sides; a border
 * is broken where a step depends on a condition. In a saga, colours and words say how each step and compensation ended, and a note why it failed.
 *
 * A class with faults is drawn as it is written, whether or not the application would boot. Where this process does not know the
 * definition of a saga, its steps stand in the order in which they began.
 *
 * @throws SagaNotRegisteredError where the class has no `@SagaDefinition`
 */
export function toMermaid(saga: Type<object> | SagaView): string {
  if (typeof saga !== 'function') return flowchart(sagaDrawing(saga));
  const metadata = readSaga(saga);
  if (metadata === undefined) throw new SagaNotRegisteredError(`${saga.name} has no @SagaDefinition({ name }).`);
  return flowchart(definitionDrawing(metadata));
}
