import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { Client } from 'pg';

import { freePort } from '../../tools/free-port.js';
import { eventually } from './eventually.js';

/** Sessions that it has with each database: fewer than its clients have with it, so that they share them. */
export const SERVER_SESSIONS = 5;

const START_MS = 20_000;

export interface PgBouncer {
  /** The same database, through the pooler. */
  through(url: string): string;
}

/** Lines of its section of that name, beyond those that every test needs. */
type Settings = Readonly<Record<string, string>>;

/**
 * Tests behind a PgBouncer that pools transactions, in front of the PostgreSQL of this run. On a machine without it they are left out,
 * and the run says so.
 */
export function describeBehindPgBouncer(title: string, tell: (pooler: () => PgBouncer) => void, settings: Settings = {}): void {
  const program = findProgram();
  if (program === undefined) {
    const reason = 'this machine has no pgbouncer; Debian has a package of that name';
    process.stderr.write(`Left out: ${title}: ${reason}.\n`);
    describe.skip(`${title} (${reason})`, () => tell(() => ({ through: (url) => url })));
    return;
  }
  describe(title, () => {
    let running: RunningPgBouncer;
    beforeAll(async () => {
      running = await RunningPgBouncer.start(program, settings);
    }, START_MS);
    afterAll(async () => running.stop());
    tell(() => running);
  });
}

/** Where Debian puts it only root looks. */
function findProgram(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, 'pgbouncer')).find((path) => existsSync(path));
}

class RunningPgBouncer implements PgBouncer {
  private printed = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (this.printed += data.toString()));
  }

  static async start(program: string, settings: Settings): Promise<RunningPgBouncer> {
    const server = new URL(process.env['TEST_DATABASE_URL'] ?? '');
    const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
    const port = await freePort();
    const file = join(folder, 'pgbouncer.ini');
    writeFileSync(file, configuration(server, port, settings));
    const child = spawn(program, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
    const running = new RunningPgBouncer(child, folder, port);
    await running.untilItAnswers(server.href).catch(async (cause: unknown) => {
      await running.stop();
      throw new Error(`pgbouncer does not answer. It said: ${running.printed.slice(-2_000)}`, { cause });
    });
    return running;
  }

  through(url: string): string {
    const pooled = new URL(url);
    pooled.host = `127.0.0.1:${this.port}`;
    return pooled.href;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = new Promise((resolve) => this.child.once('exit', resolve));
      // It has nothing to lose; other signals make newer versions wait for their clients.
      this.child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.folder, { recursive: true });
  }

  private async untilItAnswers(url: string): Promise<void> {
    const answers = async (): Promise<boolean> => {
      if (this.child.exitCode !== null) throw new Error(`it ended with code ${this.child.exitCode}`);
      const client = new Client({ connectionString: this.through(url) });
      client.on('error', () => undefined);
      return client
        .connect()
        .then(async () => client.end())
        .then(
          () => true,
          () => false,
        );
    };
    await eventually(answers, (itAnswers) => itAnswers);
  }
}

/** Each database goes by its name, and whoever comes is the user of the tests. */
function configuration(server: URL, port: number, settings: Settings): string {
  const target = {
    host: server.hostname,
    port: server.port || '5432',
    user: decodeURIComponent(server.username),
    password: decodeURIComponent(server.password),
  };
  const all: Settings = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    default_pool_size: String(SERVER_SESSIONS),
    max_client_conn: '1000',
    // As root it does not run.
    ...(process.getuid?.() === 0 && { user: 'nobody' }),
    ...settings,
  };
  const quoted = Object.entries(target).map(([name, value]) => `${name}='${value.replaceAll("'", "''")}'`);
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  return `[databases]\n* = ${quoted.join(' ')}\n\n[pgbouncer]\n${lines.join('\n')}\n`;
}
