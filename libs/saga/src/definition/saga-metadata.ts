import 'reflect-metadata';

import type { Type } from '@nestjs/common';

import type { AwaitOptions } from './await-options.js';
import type { CompensateOptions } from './compensate.decorator.js';
import type { SagaDefinitionOptions } from './saga-definition.decorator.js';
import type { StepOptions } from './saga-step.decorator.js';

/** How a step comes to run: called, or once something that it waits for has come. */
export type StepMetadata =
  | { readonly via: 'call'; readonly method: string; readonly options: StepOptions }
  | {
      readonly via: 'event';
      readonly method: string;
      readonly event: Type<unknown>;
      readonly key: (event: never) => string;
      readonly options: AwaitOptions;
    }
  | { readonly via: 'signal'; readonly method: string; readonly signal: string; readonly options: AwaitOptions };

export interface CompensationMetadata {
  readonly method: string;
  /** Name of the step that it undoes. */
  readonly step: string;
  readonly options: CompensateOptions;
}

// Symbol.for: a class decorated by one copy of the package is read by another.
const DEFINITION = Symbol.for('nestjs-sagas.definition');
const STEPS = Symbol.for('nestjs-sagas.steps');
const COMPENSATIONS = Symbol.for('nestjs-sagas.compensations');

export function writeDefinition(saga: Type<object>, options: SagaDefinitionOptions): void {
  Reflect.defineMetadata(DEFINITION, options, saga);
}

/** Decorators of one class run in the order of its methods, so the list keeps that order. */
export function writeStep(target: object, step: StepMetadata): void {
  // At boot it would be too late: Nest awaits each provider, and an object with a `then` is waited for without end.
  if (step.method === 'then')
    throw new TypeError(`${target.constructor.name}.then cannot be a step: it would make the saga a promise. Call it something else.`);
  append(STEPS, target, step);
}

export function writeCompensation(target: object, compensation: CompensationMetadata): void {
  append(COMPENSATIONS, target, compensation);
}

export function readDefinition(saga: object): SagaDefinitionOptions | undefined {
  return Reflect.getOwnMetadata(DEFINITION, saga) as SagaDefinitionOptions | undefined;
}

/** Of this prototype alone (or class, for static methods), not of those that it inherits from. */
export function readOwnSteps(target: object): readonly StepMetadata[] {
  return readOwn<StepMetadata>(STEPS, target);
}

export function readOwnCompensations(target: object): readonly CompensationMetadata[] {
  return readOwn<CompensationMetadata>(COMPENSATIONS, target);
}

function append<T>(key: symbol, target: object, entry: T): void {
  Reflect.defineMetadata(key, [...readOwn<T>(key, target), entry], target);
}

function readOwn<T>(key: symbol, target: object): readonly T[] {
  return (Reflect.getOwnMetadata(key, target) as readonly T[] | undefined) ?? [];
}
