import { AsyncLocalStorage } from 'node:async_hooks';

import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { SagaTransactionError } from './store-errors.js';

/** What runs here, and the transaction that is open for it. */
interface Scope {
  /** Who asks, for messages: `place-order.approve`, or a handler's class. */
  readonly place: string;
  /** Undefined: nothing is open, and asking is an error that names the mend. */
  manager: EntityManager | undefined;
  ended: boolean;
}

const scopes = new AsyncLocalStorage<Scope>();

/**
 * The open transaction of a transactional step, of a transactional compensation, or of a participant's command handler.
 *
 * What is done through `manager` commits together with the saga's own record of it, or not at all. Inject it anywhere:
 * it finds the transaction of the call that it is asked in. For a test by hand, `{ manager }` is enough.
 */
@Injectable()
export class SagaTransaction {
  /**
   * Of the open transaction.
   *
   * @throws SagaTransactionError where no transaction is open: it names the place and the mend
   */
  get manager(): EntityManager {
    const scope = scopes.getStore();
    if (scope === undefined) throw new SagaTransactionError(OUTSIDE);
    if (scope.ended) throw new SagaTransactionError(`The transaction of ${scope.place} has ended. Await everything that uses its manager.`);
    if (scope.manager === undefined) {
      throw new SagaTransactionError(noneOpenIn(scope.place));
    }
    return scope.manager;
  }
}

/** Runs `run` with an open transaction; what it leaves behind unawaited finds the transaction ended. */
export async function runWithTransaction<T>(
  { manager, place }: { manager: EntityManager; place: string },
  run: () => T | Promise<T>,
): Promise<T> {
  const scope: Scope = { place, manager, ended: false };
  try {
    return await scopes.run(scope, run);
  } finally {
    scope.ended = true;
    scope.manager = undefined;
  }
}

/**
 * Runs `run` where no transaction is open; an outer one is hidden, so that nothing joins it by accident. Without an outer one there is
 * nothing to hide: the first scope of a process makes each of its promises cost three times as much.
 */
export function runWithoutTransaction<T>({ place }: { place: string }, run: () => T): T {
  if (scopes.getStore() === undefined) return run();
  return scopes.run({ place, manager: undefined, ended: false }, run);
}

/** A step that asks outside of any scope learns its own place: an error of `SagaTransaction` cannot know it. */
export const withPlace = (thrown: unknown, place: string): unknown =>
  thrown instanceof SagaTransactionError && thrown.message === OUTSIDE
    ? new SagaTransactionError(noneOpenIn(place), { cause: thrown })
    : thrown;

const noneOpenIn = (place: string): string => `${place} has no open transaction. Add transactional: true, or use your own DataSource.`;

const OUTSIDE =
  'No transaction of a saga is open here. In a step, add transactional: true; a command handler of a participant has one. Elsewhere use your own DataSource.';
