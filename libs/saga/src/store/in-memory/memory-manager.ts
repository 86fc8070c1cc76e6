import type { EntityManager } from 'typeorm';

import { SagaTransactionError } from '../store-errors.js';

const WHY =
  "store: 'memory' has no database, so this transactional step has no transaction to work in. Use PostgreSQL: leave store out of SagaModule.forRoot.";

/**
 * Stands where a transaction's manager would: a step that never uses it runs in memory too, and one that does learns why not.
 * Symbols, `then` and `toJSON` read as undefined, so that it may be awaited and printed.
 */
export function createMemoryManager(): EntityManager {
  const refuse = (_target: object, property: string | symbol): undefined => {
    if (typeof property === 'symbol' || property === 'then' || property === 'toJSON') return undefined;
    throw new SagaTransactionError(WHY);
  };
  return new Proxy({}, { get: refuse, set: (target, property) => refuse(target, property) === undefined }) as EntityManager;
}
