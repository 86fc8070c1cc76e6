import type { EntityManager } from 'typeorm';

import { errorRecordOf } from '../planning/error-record.js';
import type { AttemptEnd } from '../planning/facts.js';
import type { SagaStore } from '../store/saga-store.js';
import { runWithTransaction } from '../store/saga-transaction.js';
import { CommitUnknownError, TransactionAbandoned, TransactionLostError } from '../store/store-errors.js';
import type { AttemptCall } from './attempt-call.js';
import { endOfError, mayGoOn } from './attempt-end.js';
import type { SagaMutex } from './saga-mutex.js';

interface TransactionalWork<Written> {
  /** Makes the attempt. */
  readonly call: () => Promise<AttemptEnd>;
  /** The saga's turns: one is held from the checkpoint until the commit is known. */
  readonly turns: SagaMutex;
  /** Writes the checkpoint that records the end; undefined: the saga is lost. */
  readonly write: (end: AttemptEnd, manager: EntityManager) => Promise<Written | undefined>;
  /** What was written is durable. */
  readonly adopt: (written: Written) => void;
}

export type TransactionalResult =
  | { readonly kind: 'recorded' }
  /** Nothing of the checkpoint is durable: the end is still to be recorded. */
  | { readonly kind: 'rolled-back'; readonly end: AttemptEnd }
  | { readonly kind: 'lost' }
  | { readonly kind: 'unknown'; readonly error: unknown };

/** Rolls the transaction back without being an error of anybody's. */
class Rollback extends Error {
  constructor(readonly result: TransactionalResult) {
    super('rolled back');
  }
}

/** Makes an attempt inside a transaction whose last statement is the checkpoint of its success. [R18] */
export async function runTransactionally<Written extends object>(
  store: SagaStore,
  { place, retry }: AttemptCall,
  work: TransactionalWork<Written>,
): Promise<TransactionalResult> {
  let release: () => void = () => undefined;
  const commit = async (): Promise<Written> =>
    store.transaction(async (manager) => {
      const end = await runWithTransaction({ manager, place }, work.call);
      if (end.kind !== 'returned') {
        const rollback = new Rollback({ kind: 'rolled-back', end });
        throw mayGoOn(end) ? new TransactionAbandoned(rollback) : rollback;
      }
      release = await work.turns.acquire();
      const written = await work.write(end, manager);
      if (written === undefined) throw new Rollback({ kind: 'lost' });
      return written;
    });
  try {
    const written = await commit().catch((error: unknown) => resultOf(error, retry));
    if ('kind' in written) return written;
    work.adopt(written);
    return { kind: 'recorded' };
  } finally {
    release();
  }
}

function resultOf(error: unknown, { retryIf }: Pick<AttemptCall['retry'], 'retryIf'>): TransactionalResult {
  if (error instanceof TransactionAbandoned) return resultOf(error.cause, { retryIf });
  if (error instanceof Rollback) return error.result;
  if (error instanceof CommitUnknownError) return { kind: 'unknown', error };
  // What it committed is durable: made once more it would do it twice.
  if (error instanceof TransactionLostError) {
    return { kind: 'rolled-back', end: { kind: 'threw', error: errorRecordOf(error), effect: 'possible', retryable: false } };
  }
  return { kind: 'rolled-back', end: endOfError(error, { effect: 'none', retryIf }) };
}
