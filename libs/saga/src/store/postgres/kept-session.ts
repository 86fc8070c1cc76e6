import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type { DataSource } from 'typeorm';

import { connect, queryOn, release } from './connection.js';
import type { Connections } from './connections.js';
import { StatementUnanswered } from './database-errors.js';
import { quoteName } from './quote.js';
import { dropSessionLock } from './sql/drop-session-lock.js';
import { holdSessionLock } from './sql/session-locks.js';
import type { Notification, WakeChannel } from './wake-channel.js';

/** Before a broken connection is made anew. */
const RECONNECT_MS = 500;

/** Numbers of locks that PostgreSQL takes for an integer. */
const LOCK_NUMBERS = 2 ** 31;

/** What TypeORM gives as a connection: a client of `pg`. */
interface Client {
  on(event: 'notification', listener: (notification: Notification) => void): void;
  once(event: 'end' | 'error', listener: () => void): void;
}

export interface KeptSessionOptions {
  readonly dataSource: DataSource;
  readonly leases: Connections;
  /** Quoted. */
  readonly schema: string;
  readonly hears: Pick<WakeChannel, 'name' | 'receive'>;
}

/** A session that runs. */
interface Session {
  readonly lock: number;
  /** Resolves when it breaks, or is broken off. */
  readonly ended: Promise<void>;
  breakOff(): void;
  close(): Promise<void>;
}

/**
 * The one session that a process keeps: it listens, and holds an advisory lock, which the database takes back in the moment in which the
 * process dies, however it dies. Made anew when it breaks, each time with another lock: what is said of an old one stays true.
 */
export class KeptSession {
  private current: Session | undefined;
  private readonly closing = new AbortController();
  private readonly closed = new Promise<void>((resolve) => this.closing.signal.addEventListener('abort', () => resolve()));
  private keeping: Promise<void> | undefined;

  constructor(private readonly options: KeptSessionOptions) {}

  /** The number of the lock that it holds, as far as is known here; undefined while there is no session. */
  get lock(): number | undefined {
    return this.current?.lock;
  }

  /** Resolves when it listens; from then on it reconnects by itself. */
  async open(): Promise<void> {
    this.current = await this.begin();
    this.keeping = this.keep();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.keeping;
  }

  /** The database says that nobody holds this lock: the session that had it is gone, and this end of the connection has not heard of it. */
  disprove(lock: number): void {
    if (this.current?.lock === lock) this.current.breakOff();
  }

  private async keep(): Promise<void> {
    while (!this.closing.signal.aborted) {
      await Promise.race([this.current?.ended, this.closed]);
      if (this.closing.signal.aborted) break;
      await this.end();
      await pause(RECONNECT_MS, undefined, { ref: false, signal: this.closing.signal }).catch(() => undefined);
      if (!this.closing.signal.aborted) this.current = await this.begin().catch(() => undefined);
    }
    await this.current?.close();
    this.current = undefined;
  }

  /** Said at once, so that hardly anybody takes the nodes of this process for dead. Unsaid it does no harm: they lose what they run. [R18] */
  private async end(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    if (current === undefined) return;
    await current.close();
    const { leases, schema } = this.options;
    await leases.write(dropSessionLock(schema), [current.lock]).catch(() => undefined);
  }

  private async begin(): Promise<Session> {
    const { dataSource, hears } = this.options;
    const runner = dataSource.createQueryRunner('master');
    // It still listens, so it must not serve anybody else.
    const close = (): Promise<void> => release(runner, new Error('No longer listening'));
    try {
      await connect(runner);
      const client = (await runner.connect()) as Client;
      client.on('notification', hears.receive);
      const { ended, breakOff } = untilEnded(client);
      const lock = randomInt(LOCK_NUMBERS);
      await queryOn(runner)(holdSessionLock(), [lock]);
      await runner.query(`listen ${quoteName(hears.name)}`);
      return { lock, ended, breakOff, close };
    } catch (error) {
      await close();
      throw new StatementUnanswered(error);
    }
  }
}

function untilEnded(client: Client): Pick<Session, 'ended' | 'breakOff'> {
  let breakOff!: () => void;
  const ended = new Promise<void>((resolve) => (breakOff = resolve));
  for (const event of ['end', 'error'] as const) client.once(event, breakOff);
  return { ended, breakOff };
}
