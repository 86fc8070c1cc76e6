import type { Type } from '@nestjs/common';

import type { SagaDefinitionOptions } from './saga-definition.decorator.js';
import { type CompensationMetadata, readDefinition, readOwnCompensations, readOwnSteps, type StepMetadata } from './saga-metadata.js';

/** What the decorators of a class say, those of its bases included. */
export interface SagaMetadata {
  readonly type: Type<object>;
  readonly options: SagaDefinitionOptions;
  /** As declared; inherited ones first, in their base's order; an overriding method in the base's place. [R7] */
  readonly steps: readonly StepMetadata[];
  readonly compensations: readonly CompensationMetadata[];
  /** Static methods that bear a decorator of ours. */
  readonly staticMethods: readonly string[];
  /** Methods that bear the same decorator twice. */
  readonly repeated: readonly string[];
}

/** Undefined where the class itself has no `@SagaDefinition`: a subclass is another saga, and says so. */
export function readSaga(type: Type<object>): SagaMetadata | undefined {
  const options = readDefinition(type);
  if (options === undefined) return undefined;
  const prototypes = lineage(type.prototype as object);
  const steps = prototypes.map(readOwnSteps);
  const compensations = prototypes.map(readOwnCompensations);
  return {
    type,
    options,
    steps: override(steps),
    compensations: override(compensations),
    staticMethods: [...readOwnSteps(type), ...readOwnCompensations(type)].map(({ method }) => method),
    repeated: [...steps, ...compensations].flatMap(repeatedIn),
  };
}

/** The prototypes of a class, the base's first. */
function lineage(prototype: object): readonly object[] {
  const parent = Object.getPrototypeOf(prototype) as object | null;
  return parent === null ? [] : [...lineage(parent), prototype];
}

/** A Map keeps the place of a key that is set again. */
function override<T extends { readonly method: string }>(lists: readonly (readonly T[])[]): readonly T[] {
  return [...new Map(lists.flat().map((entry) => [entry.method, entry])).values()];
}

function repeatedIn(list: readonly { readonly method: string }[]): readonly string[] {
  const methods = list.map(({ method }) => method);
  return [...new Set(methods.filter((method, index) => methods.indexOf(method) !== index))];
}
