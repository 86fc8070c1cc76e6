import type { SagaFault } from '../saga-definition.error.js';
import type { SagaMetadata } from '../saga-metadata.accessor.js';
import { makeStepGraph, type StepGraph } from '../step-graph.js';

/** A saga class under examination. */
export interface Subject {
  readonly metadata: SagaMetadata;
  readonly graph: StepGraph;
}

/** Looks for one sort of fault in one saga. */
export type Check = (subject: Subject) => Iterable<SagaFault>;

export const subjectOf = (metadata: SagaMetadata): Subject => ({ metadata, graph: makeStepGraph(metadata.steps) });

export const className = ({ metadata }: Subject): string => metadata.type.name;

export const hasStep = ({ metadata }: Subject, name: string): boolean => metadata.steps.some(({ method }) => method === name);

export const stepNames = ({ metadata }: Subject): string => metadata.steps.map(({ method }) => method).join(', ');

export function fault(subject: Subject, message: string, method?: string): SagaFault {
  return { saga: className(subject), ...(method !== undefined && { method }), message };
}
