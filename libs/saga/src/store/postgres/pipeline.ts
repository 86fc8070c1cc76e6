import type { QueryRunner } from 'typeorm';

import { connect, release, type Row } from './connection.js';
import { StatementUnanswered, translated } from './database-errors.js';

/** What TypeORM gives as a connection: a client of `pg`. */
interface Client {
  /** It sends a statement although the one before is not answered; undefined in a `pg` that cannot. */
  readonly pipeline?: boolean;
  query(statement: {
    readonly name: string;
    readonly text: string;
    readonly values: readonly unknown[];
  }): Promise<{ readonly rows: Row[] }>;
}

interface Line {
  readonly runner: QueryRunner;
  readonly client: Promise<Client>;
  /** Statements on their way. */
  users: number;
  usedAt: number;
  broken?: StatementUnanswered;
}

/** For so long a connection is kept that nothing goes over: a node with one saga on its way would be lent one for each statement. Kept for ever, nobody would notice that it broke. */
const KEPT_MS = 1_000;

/**
 * Prepared statements that go one behind the other on one connection: when the server has done one, the next is there already. Each commits by
 * itself, and fails by itself.
 */
export class Pipeline {
  private line: Line | undefined;
  private canPipeline = false;
  private isWatched = false;

  /** @param open gives a connection that is not lent to anybody */
  constructor(private readonly open: () => QueryRunner) {}

  /** Whether a statement that is made while another one is on its way goes out at once. */
  get isDeep(): boolean {
    return this.canPipeline;
  }

  /** @throws StatementRefused, StatementUnanswered: with it all that were behind it on the connection */
  async query(name: string, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const line = this.openLine();
    line.users += 1;
    try {
      const client = await line.client;
      return (await client.query({ name, text, values: [...values] })).rows;
    } catch (error) {
      const failure = error instanceof StatementUnanswered ? error : translated({ driverError: error });
      if (failure instanceof StatementUnanswered) this.abandon(line, failure);
      throw failure;
    } finally {
      line.users -= 1;
      line.usedAt = performance.now();
      if (this.line === line) this.watch();
      else if (line.users === 0) await release(line.runner, line.broken);
    }
  }

  /** Gives the connection back, once nothing is on its way. */
  async close(): Promise<void> {
    const { line } = this;
    this.line = undefined;
    if (line?.users === 0) await release(line.runner);
  }

  private openLine(): Line {
    // TypeORM releases a connection that breaks while nothing is on its way.
    if (this.line === undefined || this.line.runner.isReleased) {
      const runner = this.open();
      this.line = { runner, client: this.connected(runner), users: 0, usedAt: 0 };
    }
    return this.line;
  }

  private async connected(runner: QueryRunner): Promise<Client> {
    await connect(runner);
    const client = (await runner.connect()) as Client;
    this.canPipeline = client.pipeline === true;
    return client;
  }

  /** It is not used again, and is closed when nobody waits for it any more. */
  private abandon(line: Line, failure: StatementUnanswered): void {
    line.broken ??= failure;
    if (this.line === line) this.line = undefined;
  }

  private watch(): void {
    if (this.isWatched) return;
    this.isWatched = true;
    const look = (): void => {
      this.isWatched = false;
      const { line } = this;
      if (line === undefined) return;
      if (line.users === 0 && performance.now() - line.usedAt >= KEPT_MS) void this.close();
      else this.watch();
    };
    setTimeout(look, KEPT_MS).unref();
  }
}
