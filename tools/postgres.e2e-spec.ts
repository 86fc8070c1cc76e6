import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Postgres, removePostgres, startPostgres } from './postgres.js';

/** Another process that starts a server in the folder, and is killed without a chance to stop it. */
async function killedRun(folder: string): Promise<void> {
  const program = `import { startPostgres } from ${JSON.stringify(join(import.meta.dirname, 'postgres.ts'))};
    startPostgres({ folder: process.argv[1] }).then(() => process.kill(process.pid, 'SIGKILL'));`;
  const run = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program, folder], { stdio: 'inherit' });
  expect(await once(run, 'exit')).toEqual([null, 'SIGKILL']);
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  const given = process.env['DATABASE_URL'];
  let folder: string;
  let running: Postgres[];

  async function start(): Promise<Postgres> {
    const server = await startPostgres({ folder });
    running.push(server);
    return server;
  }

  beforeEach(() => {
    delete process.env['DATABASE_URL'];
    running = [];
    folder = mkdtempSync(join(tmpdir(), 'nestjs-sagas-postgres-spec-'));
  });
  afterEach(async () => {
    await Promise.all(running.map((server) => server.stop()));
    await removePostgres(folder);
    expect(existsSync(folder)).toBe(false);
    if (given) process.env['DATABASE_URL'] = given;
  });

  it('keeps the data of a folder, and makes a database once', async () => {
    const first = await start();
    const url = await first.createDatabase('orders');
    await ask(url, 'create table kept (id int)');
    await first.stop();

    const second = await start();
    const again = await second.createDatabase('orders', { ifMissing: true });
    expect(await ask(again, 'select * from kept')).toEqual([]);
    await expect(second.createDatabase('orders')).rejects.toThrow('already exists');
  }, 60_000);

  it('ends the server that a killed run left, and takes its folder over', async () => {
    await killedRun(folder);
    const port = readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[3];
    const server = await start();
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await expect(ask(`postgres://postgres:postgres@127.0.0.1:${port}/postgres`, 'select 1')).rejects.toThrow('ECONNREFUSED');
  }, 60_000);

  it('does not mistake a stranger for its server when a number was given again', async () => {
    const server = await start();
    await server.stop();
    writeFileSync(join(folder, 'data', 'postmaster.pid'), `${process.pid}\n${join(folder, 'data')}\n`);
    const again = await start();
    expect(await ask(again.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  }, 60_000);

  it('refuses a folder that a living run uses, and leaves its server alone', async () => {
    const server = await start();
    await expect(startPostgres({ folder })).rejects.toThrow(`in use by process ${process.pid}. Stop that run first`);
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  }, 60_000);

  it('says which server does not answer', async () => {
    process.env['DATABASE_URL'] = 'postgres://nobody@127.0.0.1:1/nowhere';
    await expect(startPostgres({ folder })).rejects.toThrow('Cannot connect to PostgreSQL at 127.0.0.1:1/nowhere');
    delete process.env['DATABASE_URL'];
  });
});
