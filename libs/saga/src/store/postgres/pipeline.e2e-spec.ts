import { DataSource } from 'typeorm';

import { eventually } from '../../../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/test-database.js';
import type { Row } from './connection.js';
import { StatementRefused, StatementUnanswered } from './database-errors.js';
import { Pipeline } from './pipeline.js';

const LOCK = 4711;

describe('statements one behind the other', () => {
  let database: TestDatabase;
  let app: DataSource;
  let own: DataSource;
  let pipeline: Pipeline;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    // Without the library's bound for waits: these wait as long as the test does.
    own = await new DataSource({
      type: 'postgres',
      url: database.url,
      poolErrorHandler: () => undefined,
      extra: { max: 3, pipeline: true },
    }).initialize();
  });
  beforeEach(() => (pipeline = new Pipeline(() => own.createQueryRunner('master'))));
  afterEach(() => pipeline.close());
  afterAll(async () => {
    await own.destroy();
    await app.destroy();
    await database.drop();
  });

  const pid = async (): Promise<unknown> => (await pipeline.query('pid', 'select pg_backend_pid() as pid', []))[0]?.['pid'];
  /** Waits in the server for whoever holds the lock. */
  const wait = (): Promise<readonly Row[]> =>
    pipeline.query('wait', 'select pg_backend_pid() as pid from pg_advisory_xact_lock_shared($1)', [LOCK]);
  const waiting = async (): Promise<number> => {
    const read = async (): Promise<{ readonly pid: number }[]> =>
      app.query("select pid from pg_locks where locktype = 'advisory' and objid = $1 and not granted", [LOCK]);
    const [row] = await eventually(read, ({ length }) => length === 1);
    return row?.pid ?? 0;
  };
  /** Holds the lock until `run` is done. */
  const holding = async <T>(run: () => Promise<T>): Promise<T> =>
    app.transaction(async (manager) => {
      await manager.query('select pg_advisory_xact_lock($1)', [LOCK]);
      return run();
    });

  it('go out on one connection, and are answered in their order', async () => {
    const done: string[] = [];
    const [first, second] = await holding(async () => {
      const both = [wait().then(([row]) => (done.push('first'), row?.['pid'])), pid().then((it) => (done.push('second'), it))];
      await waiting();
      expect(pipeline.isDeep).toBe(true);
      return both;
    });
    expect(await second).toBe(await first);
    expect(done).toEqual(['first', 'second']);
  });

  it('what is refused is refused alone', async () => {
    const all = await Promise.allSettled([pid(), pipeline.query('refused', 'select 1 / $1::int', [0]), pid()]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(all[1]).toMatchObject({ reason: expect.any(StatementRefused) });
  });

  it('where the connection breaks, none of them is answered, and the next one finds another connection', async () => {
    const both = await holding(async () => {
      const settled = Promise.allSettled([wait(), pid()]);
      await app.query('select pg_terminate_backend($1)', [await waiting()]);
      return settled;
    });
    for (const one of both) expect(one).toMatchObject({ status: 'rejected', reason: expect.any(StatementUnanswered) });
    await expect(pid()).resolves.toEqual(expect.any(Number));
  });

  it('where it breaks while nothing is on its way, the next one finds another connection', async () => {
    const first = await pid();
    await app.query('select pg_terminate_backend($1)', [first]);
    const isGone = async (): Promise<boolean> =>
      (await app.query<unknown[]>('select from pg_stat_activity where pid = $1', [first])).length === 0;
    await eventually(isGone, Boolean);
    const next = await eventually(
      async () => pid().catch(() => first),
      (it) => it !== first,
    );
    expect(await pid()).toBe(next);
  });

  it('keeps its connection, and gives it back when nothing has been on its way for a second', async () => {
    const first = await pid();
    expect(await pid()).toBe(first);
    const runners = Array.from({ length: 3 }, () => own.createQueryRunner('master'));
    await Promise.all(runners.map((runner) => runner.connect()));
    await Promise.all(runners.map((runner) => runner.release()));
  });

  it('gives its connection back when it is closed, and once what is on its way is done', async () => {
    const last = pid();
    await pipeline.close();
    await last;
    const runners = Array.from({ length: 3 }, () => own.createQueryRunner('master'));
    await Promise.all(runners.map((runner) => runner.connect()));
    await Promise.all(runners.map((runner) => runner.release()));
  });
});
