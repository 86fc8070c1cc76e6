import type { DataSource, EntitySubscriberInterface, QueryRunner } from 'typeorm';

/**
 * What is to be done after the commit of an application's own transaction, by TypeORM's transaction events. They come for
 * savepoints too, which commit nothing: only the outermost one counts.
 */
export class AfterCommit {
  private readonly waiting = new WeakMap<QueryRunner, (() => void)[]>();
  private readonly subscriber: EntitySubscriberInterface = {
    afterTransactionCommit: ({ queryRunner }) => {
      if (queryRunner.isTransactionActive) return;
      const actions = this.waiting.get(queryRunner) ?? [];
      this.waiting.delete(queryRunner);
      for (const action of actions) action();
    },
    afterTransactionRollback: ({ queryRunner }) => {
      if (!queryRunner.isTransactionActive) this.waiting.delete(queryRunner);
    },
  };

  constructor(private readonly app: DataSource) {}

  open(): void {
    this.app.subscribers.push(this.subscriber);
  }

  close(): void {
    const index = this.app.subscribers.indexOf(this.subscriber);
    if (index >= 0) this.app.subscribers.splice(index, 1);
  }

  /** @param action must not throw: it would fail a commit that is done */
  add(runner: QueryRunner, action: () => void): void {
    const actions = this.waiting.get(runner);
    if (actions === undefined) this.waiting.set(runner, [action]);
    else actions.push(action);
  }
}
