import { ContextIdFactory, ModuleRef } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import type { SagaContext } from './saga-context.js';

/** Gives the object whose methods are the steps. A promise where each attempt has one of its own. */
export type SagaInstances = (context: SagaContext) => object | Promise<object>;

/** The instances that a provider has: one for all attempts, or one for each, made with the attempt's context as REQUEST. */
export function sagaInstancesOf(provider: InstanceWrapper<object>): SagaInstances {
  return hasOneInstance(provider) ? () => provider.instance : async (context) => makeInstance(provider, context);
}

/** Not where it is transient or request-scoped, be it only for something that it injects: Nest holds an empty object in its place. */
export const hasOneInstance = (provider: InstanceWrapper<object>): boolean => provider.isDependencyTreeStatic() && !provider.isTransient;

/** Nest keeps what it makes by the context id and no longer than that: nothing is left of an attempt that is over. */
async function makeInstance({ host, token }: InstanceWrapper<object>, context: SagaContext): Promise<object> {
  const moduleRef = host?.getProviderByKey<ModuleRef>(ModuleRef).instance;
  if (moduleRef === undefined) throw new Error(`${String(token)} belongs to no module any more`);
  const contextId = ContextIdFactory.create();
  moduleRef.registerRequestByContextId(context, contextId);
  return moduleRef.resolve<object>(token, contextId);
}
