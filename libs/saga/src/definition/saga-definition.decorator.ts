import { Injectable, type Scope, type Type } from '@nestjs/common';
import type { Command } from '@nestjs/cqrs';
import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { Duration } from '../planning/durations.js';
import type { RetryPolicy } from '../planning/retry-policy.js';
import { writeDefinition } from './saga-metadata.js';
import type { StartRule } from './start-rule.js';
import type { SagaInput } from './step-types.js';

/** What a saga says of itself: `@SagaDefinition({ … })`. */
export interface SagaDefinitionOptions<I = any> {
  /** Stable, and unique with its version: it is what the database stores. */
  name: string;
  /** A whole number from 1. Default 1. Messages start the highest. */
  version?: number;
  /** Commands or events that start it; their payload is its input. Needs `key`. */
  startedBy?: Type<I> | StartRule<I> | readonly (Type<I> | StartRule<I>)[];
  /** Business key: a second start with the same key finds the first saga. */
  key?: (input: I) => string;
  /** Deadline of the forward part, up to the pivot. Default: none. Past it the saga unwinds; compensations are not bound by it. */
  timeout?: Duration;
  /** Of its steps. What it leaves open comes from the module's `retry`. */
  retry?: RetryPolicy;
  /** Of its compensations. What it leaves open comes from the module's `compensationRetry`. */
  compensationRetry?: RetryPolicy;
  /** Any Standard Schema (zod, valibot, arktype): checked before the saga is recorded. */
  input?: StandardSchemaV1<unknown, I>;
  /**
   * As in `@Injectable`. A request-scoped saga is made anew for each attempt; REQUEST is its context. So is one that injects something
   * request-scoped, and a transient one. A constructor or provider that throws ends the attempt as the method would, and nothing was done.
   */
  scope?: Scope;
}

/** Fails to compile, with these texts, where what starts a saga is not what its steps read, or its caller expects another answer. */
export type Takes<S, I> = unknown extends I
  ? unknown
  : [I] extends [SagaInput<S>]
    ? I extends Command<infer R>
      ? string extends R
        ? unknown
        : { 'a command that starts a saga resolves with its id: extend Command<string>': R }
      : unknown
    : { 'the steps read another input': SagaInput<S> };

/**
 * Makes a class a saga: an injectable provider whose decorated methods are the steps of a graph. It is checked at boot,
 * together with all others; every fault is in one SagaDefinitionError.
 */
export function SagaDefinition<I>(
  options: SagaDefinitionOptions<I>,
): <C extends Type<object>>(saga: C & Takes<InstanceType<C>, I>) => void {
  return (saga) => {
    Injectable(options.scope === undefined ? undefined : { scope: options.scope })(saga);
    writeDefinition(saga, options);
  };
}
