import type { DataSource, QueryRunner } from 'typeorm';

import { SagaStoreError } from '../../store-errors.js';
import { translated } from '../database-errors.js';
import { quoteName } from '../quote.js';
import { MIGRATION_TABLE, type MigrationTarget, type SchemaMigration, type SchemaMigrationClass } from './schema-migration.js';

export interface MigrationOptions extends MigrationTarget {
  readonly schema: string;
  /** run: runs what is missing. check: throws where something is. off: looks at nothing. */
  readonly mode: 'run' | 'check' | 'off';
}

/**
 * Sees to it that the migrations were run, each once, in order, all together or none. Nodes that boot side by side take turns by an
 * advisory lock: one runs them, the others find them done. [R35] Migrations of a later version, already there, do no harm.
 *
 * @throws SagaStoreError names those that are missing (check) or the one that failed (run), and says how to run them
 */
export async function runMigrations(
  dataSource: DataSource,
  migrations: readonly SchemaMigrationClass[],
  options: MigrationOptions,
): Promise<void> {
  if (options.mode === 'off') return;
  const all = migrations.map((Migration) => new Migration(options)).toSorted(byTimestamp);
  const runner = dataSource.createQueryRunner('master');
  try {
    const missing = await missingOf(all, runner, options);
    if (missing.length === 0) return;
    if (options.mode === 'check') throw new SagaStoreError(missingMessage(missing, options.schema));
    await runMissing(all, runner, options);
  } catch (error) {
    throw translated(error);
  } finally {
    await runner.release();
  }
}

async function runMissing(all: readonly SchemaMigration[], runner: QueryRunner, options: MigrationOptions): Promise<void> {
  // Whatever the application's default is: a later snapshot must see what the node before us ran.
  await runner.startTransaction('READ COMMITTED');
  try {
    // Held until the commit. Another node waits here, and finds nothing missing afterwards.
    await runner.query("select pg_advisory_xact_lock(hashtext('nestjs-sagas'), hashtext($1))", [options.schema]);
    for (const migration of await missingOf(all, runner, options)) await runOne(migration, runner);
    await runner.commitTransaction();
  } catch (error) {
    // The connection itself may be what failed.
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

async function runOne(migration: SchemaMigration, runner: QueryRunner): Promise<void> {
  try {
    await migration.up(runner);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SagaStoreError(
      `Migration ${migration.name} failed in schema "${migration.schema}": ${why}. If the database user may not create tables, run it as another user and set migrations: 'check'.`,
      { cause },
    );
  }
}

async function missingOf(
  all: readonly SchemaMigration[],
  runner: QueryRunner,
  { schema, table = MIGRATION_TABLE }: MigrationOptions,
): Promise<readonly SchemaMigration[]> {
  const qualified = `${quoteName(schema)}.${quoteName(table)}`;
  // Not to_regclass(): inside a transaction it may answer from before the wait for the lock, and the table would be made twice.
  const found: unknown[] = await runner.query('select from pg_catalog.pg_tables where schemaname = $1 and tablename = $2', [schema, table]);
  if (found.length === 0) return all;
  const rows: { name: string }[] = await runner.query(`select name from ${qualified}`);
  const done = new Set(rows.map(({ name }) => name));
  return all.filter(({ name }) => !done.has(name));
}

function missingMessage(missing: readonly SchemaMigration[], schema: string): string {
  const names = missing.map(({ name }) => name).join(', ');
  return (
    `Schema "${schema}" lacks these migrations: ${names}. Set migrations: 'run', so that a node runs them at boot; ` +
    `or add sagaMigrations from 'nestjs-sagas/postgres' to the migrations of your data source, and run "typeorm migration:run".`
  );
}

const byTimestamp = (left: SchemaMigration, right: SchemaMigration): number => Number(left.name.slice(-13)) - Number(right.name.slice(-13));
