import type { Type } from '@nestjs/common';
import type { SagaContext } from 'nestjs-sagas';
import { isObservable, lastValueFrom } from 'rxjs';

import { readSaga } from '../../libs/saga/src/definition/saga-metadata.accessor.js';

/** Stands between the library and a method of a saga. */
type Around = (call: () => unknown, context: SagaContext) => Promise<unknown>;

/** Whatever the first call ends with: it is one whose answer was lost. What counts is the second. */
export async function callTwice(call: () => unknown): Promise<unknown> {
  try {
    const result = await call();
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  } catch {
    // It is called again.
  }
  return call();
}

/** The saga, with something around each call of a step or a compensation. */
export function aroundActions(saga: object, around: Around): object {
  const metadata = readSaga(saga.constructor as Type<object>);
  const actions = new Set<string | symbol>([...(metadata?.steps ?? []), ...(metadata?.compensations ?? [])].map(({ method }) => method));
  return new Proxy(saga, {
    get: (target, property) => {
      const method: unknown = Reflect.get(target, property, target);
      if (typeof method !== 'function' || !actions.has(property)) return method;
      return async (context: SagaContext, ...rest: readonly unknown[]): Promise<unknown> =>
        around(() => Reflect.apply(method, target, [context, ...rest]) as unknown, context);
    },
  });
}
