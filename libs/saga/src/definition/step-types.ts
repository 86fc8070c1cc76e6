import type { Command } from '@nestjs/cqrs';
import type { Observable } from 'rxjs';

import type { ChildSaga } from './child-saga.js';
import type { SagaContext } from './saga-context.js';

export type Method = (...args: any[]) => any;

/** A method that can be a step: it takes a SagaContext, or nothing. Compensations and other methods are not steps. */
export type Step = (context: SagaContext<any, any, any>, ...rest: any[]) => any;

export type HasSteps<Name extends string> = { [K in Name]: Step };

/** What a step leaves behind: promises, observables, commands and child sagas stand for their result. */
export type StepResult<R> =
  Awaited<R> extends infer V
    ? V extends Command<infer X>
      ? X
      : V extends ChildSaga<infer O>
        ? O
        : V extends Observable<infer X>
          ? X
          : V
    : never;

/** The item that a step names, because it fans out; unknown where it names none. */
export type ItemOf<F> = F extends (context: infer C, ...rest: any[]) => any
  ? C extends { readonly item: infer Item }
    ? Item
    : unknown
  : unknown;

type ResultOf<F> = 0 extends 1 & F
  ? any
  : F extends Method
    ? unknown extends ItemOf<F>
      ? StepResult<ReturnType<F>>
      : readonly StepResult<ReturnType<F>>[]
    : never;

/** By name, the result of each step; a list, where it fans out. */
export type StepResults<S> = { readonly [K in keyof S as S[K] extends Step ? K : never]: ResultOf<S[K]> };

/** Names of the steps of a saga; any text where its class is not known. */
export type StepName<S> = unknown extends S ? string : keyof StepResults<S> & string;

/** The input that the steps of a saga read. */
export type SagaInput<S> = {
  [K in keyof S]: S[K] extends (context: infer C, ...rest: any[]) => any
    ? C extends SagaContext<infer I, any, any>
      ? (input: I) => void
      : never
    : never;
}[keyof S] extends (input: infer I) => void
  ? I
  : never;

/** What may be given for it: a command's data is enough. */
export type SagaPayload<I> = I extends Command<unknown> ? { [K in keyof I as K extends symbol ? never : K]: I[K] } : I;
