import type { DataSource, QueryRunner } from 'typeorm';

/** Of node-postgres. */
interface Connection {
  query(text: string): Promise<Result | readonly Result[]>;
}

interface Result {
  readonly rows: readonly unknown[];
}

/**
 * Sends statements without parameters in one message: one round trip, and none is run after one that fails. TypeORM would send them, but not give back
 * what several returned.
 *
 * @returns the rows of each statement
 */
export async function inOneMessage(runner: QueryRunner, statements: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  const text = statements.join(';\n');
  const { logger } = dataSourceOf(runner);
  const connection = (await runner.connect()) as Connection;
  logger.logQuery(text, undefined, runner);
  try {
    const results = await connection.query(text);
    return (Array.isArray(results) ? results : [results]).map(({ rows }: Result) => rows);
  } catch (error) {
    logger.logQueryError(error as Error, text, undefined, runner);
    throw error;
  }
}

/** Named so in TypeORM 0.3 and 1. */
const dataSourceOf = ({ manager }: QueryRunner): DataSource => manager.connection;
