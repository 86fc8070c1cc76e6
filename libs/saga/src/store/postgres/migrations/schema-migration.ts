import type { MigrationInterface, QueryRunner } from 'typeorm';

import { DEFAULTS } from '../../../planning/defaults.js';
import { quoteName } from '../quote.js';

/** Where migrations go, and where it is written down which of them were run. */
export interface MigrationTarget {
  /** Default 'saga'; created where it is missing. */
  readonly schema?: string;
  /** Table in that schema. Default 'saga_migration'. */
  readonly table?: string;
}

/** A migration as `sagaMigrations` lists it. */
export type SchemaMigrationClass = new (target?: MigrationTarget) => SchemaMigration;

export const MIGRATION_TABLE = 'saga_migration';

/**
 * A migration of the library's tables. It only adds [R35], so that a node of the version before goes on working.
 *
 * It writes its name down in the schema itself: it does not matter whether the library ran it at boot or TypeORM did, from the
 * `migrations` of the application's data source. TypeORM makes it without arguments: the schema is 'saga' then; another one
 * is given by a subclass: `class InBilling extends CreateSagaTables { constructor() { super({ schema: 'billing' }); } }`.
 */
export abstract class SchemaMigration implements MigrationInterface {
  /** TypeORM orders migrations by the 13 digits at the end. */
  abstract readonly name: string;
  /** Where its tables are. */
  readonly schema: string;
  /** Where it writes down that it was run. */
  readonly table: string;

  constructor({ schema = DEFAULTS.schema, table = MIGRATION_TABLE }: MigrationTarget = {}) {
    this.schema = schema;
    this.table = table;
  }

  /**
   * What it runs, in order.
   *
   * @param schema quoted, to stand before each table's name
   */
  protected abstract statements(schema: string): readonly string[];

  /** TypeORM's: runs it, in the transaction of the query runner where one is open. */
  async up(queryRunner: QueryRunner): Promise<void> {
    const schema = quoteName(this.schema);
    await this.createSchema(queryRunner);
    for (const statement of this.statements(schema)) await queryRunner.query(statement);
    await queryRunner.query(`insert into ${schema}.${quoteName(this.table)} (name) values ($1) on conflict do nothing`, [this.name]);
  }

  /** TypeORM's. @throws Error always: what it added holds sagas */
  async down(): Promise<void> {
    throw new Error(
      `${this.name} only adds, and is not taken back: what it added holds sagas. Drop the schema "${this.schema}" by hand if you mean it.`,
    );
  }

  /** Looks before it creates: `if not exists` asks for the right to create even where there is nothing to do. */
  private async createSchema(queryRunner: QueryRunner): Promise<void> {
    const found: unknown[] = await queryRunner.query('select from pg_namespace where nspname = $1', [this.schema]);
    if (found.length === 0) await queryRunner.query(`create schema if not exists ${quoteName(this.schema)}`);
    await queryRunner.query(
      `create table if not exists ${quoteName(this.schema)}.${quoteName(this.table)} (name text primary key, ran_at timestamptz not null default clock_timestamp())`,
    );
  }
}
