import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Goods lie in one of several warehouses; those that were there before are all in the first one. */
export class AddWarehouses1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table stock add warehouse text not null default 'north'`);
    await runner.query('alter table stock alter warehouse drop default');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table stock drop warehouse');
  }
}
