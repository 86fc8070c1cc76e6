import type { QueryRunner } from 'typeorm';

import { StatementUnanswered, translated } from './database-errors.js';

/** A row as `pg` gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs one statement and gives its rows. */
export type Query = (statement: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>;

export async function connect(runner: QueryRunner): Promise<void> {
  try {
    await runner.connect();
  } catch (error) {
    throw new StatementUnanswered(error);
  }
}

/** @param broken the connection is closed instead of going back to the pool */
export async function release(runner: QueryRunner, broken?: Error): Promise<void> {
  if (broken === undefined) return runner.release();
  // What TypeORM itself calls when a connection breaks; its public `release` would keep this one.
  const { releasePostgresConnection } = runner as unknown as { releasePostgresConnection: (error: Error) => Promise<void> };
  await releasePostgresConnection.call(runner, broken);
}

export const queryOn =
  (runner: QueryRunner): Query =>
  async (statement, parameters = []) => {
    try {
      // Structured, because rows alone have another shape after an update than after a select.
      const { records } = await runner.query(statement, [...parameters], true);
      return records as Row[];
    } catch (error) {
      throw translated(error);
    }
  };
