import type { ModulesContainer } from '@nestjs/core';

/**
 * The different instances that the modules of the application have of a class: CqrsModule and CqrsModule.forRoot() side by side
 * give two buses. Call it from `onModuleInit` on.
 */
export function instancesOf<T extends object>(modules: ModulesContainer, token: abstract new (...args: never[]) => T): ReadonlySet<T> {
  const found = [...modules.values()].map(({ providers }) => providers.get(token)?.instance as T | null | undefined);
  return new Set(found.filter((instance) => instance !== undefined && instance !== null));
}
