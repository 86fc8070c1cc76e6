import type { EntityManager } from 'typeorm';

import { runWithoutTransaction, runWithTransaction, SagaTransaction } from './saga-transaction.js';
import { SagaTransactionError } from './store-errors.js';

const MANAGER = { name: 'the open manager' } as unknown as EntityManager;

describe('SagaTransaction', () => {
  const transaction = new SagaTransaction();

  it('gives the open manager, also after an await', async () => {
    const seen = await runWithTransaction({ manager: MANAGER, place: 'place-order.approve' }, async () => {
      await Promise.resolve();
      return transaction.manager;
    });
    expect(seen).toBe(MANAGER);
  });

  it('names the mend where none is open', () => {
    const asks = [() => transaction.manager, () => runWithoutTransaction({ place: 'place-order.approve' }, () => transaction.manager)];
    for (const ask of asks) {
      expect(ask).toThrow(SagaTransactionError);
      expect(ask).toThrow('No transaction of a saga is open here. In a step, add transactional: true;');
    }
  });

  it('hides an outer transaction from what runs without one', async () => {
    await runWithTransaction({ manager: MANAGER, place: 'outer.step' }, () => {
      expect(() => runWithoutTransaction({ place: 'inner.step' }, () => transaction.manager)).toThrow(
        'inner.step has no open transaction.',
      );
      expect(transaction.manager).toBe(MANAGER);
    });
  });

  it('refuses work that was not awaited and comes after the commit', async () => {
    let late: Promise<unknown> = Promise.resolve();
    let letGo: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (letGo = resolve));
    await runWithTransaction({ manager: MANAGER, place: 'place-order.approve' }, () => {
      late = ended.then(() => transaction.manager);
    });
    letGo();
    await expect(late).rejects.toThrow('The transaction of place-order.approve has ended. Await everything that uses its manager.');
  });

  it('keeps two transactions side by side apart', async () => {
    const other = { name: 'another manager' } as unknown as EntityManager;
    const ask = async (manager: EntityManager) =>
      runWithTransaction({ manager, place: 'x' }, async () => (await Promise.resolve(), transaction.manager));
    await expect(Promise.all([ask(MANAGER), ask(other)])).resolves.toEqual([MANAGER, other]);
  });

  it('is a plain { manager } for a test by hand', () => {
    const byHand: SagaTransaction = { manager: {} as never };
    expect(byHand.manager).toEqual({});
  });
});
