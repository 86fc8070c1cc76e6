import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type { DataSource, QueryRunner } from 'typeorm';

import { WakeListeners } from '../wake-listeners.js';
import { type Connections, connect, release } from './connections.js';
import { StatementUnanswered } from './database-errors.js';
import { quoteName } from './quote.js';
import { sendWakes } from './sql/send-wakes.js';

/** A notification carries 8,000 bytes at most; an id has 36. */
const IDS_A_NOTIFICATION = 100;

/** Before a broken connection is made anew. */
const RECONNECT_MS = 500;

/** A name in PostgreSQL has 63 bytes at most. Two schemas with one channel wake each other for nothing, and no more. */
const CHANNEL_LENGTH = 63;

interface Notification {
  readonly payload?: string;
}

/** What TypeORM gives as a connection: a client of `pg`. */
interface Client {
  on(event: 'notification', listener: (notification: Notification) => void): void;
  once(event: 'end' | 'error', listener: () => void): void;
}

export interface WakeChannelOptions {
  readonly dataSource: DataSource;
  readonly connections: Connections;
  readonly schema: string;
}

/**
 * Wakes across processes, by LISTEN and NOTIFY. Those of this process are called directly. What is lost while the connection is made
 * anew costs one poll of whoever waits.
 */
export class WakeChannel {
  readonly listeners = new WakeListeners();
  private readonly origin = randomUUID();
  private readonly channel: string;
  private readonly closing = new AbortController();
  private readonly closed = new Promise<void>((resolve) => this.closing.signal.addEventListener('abort', () => resolve()));
  private pending = new Set<string>();
  private sending: Promise<void> | undefined;
  private listening: Promise<void> | undefined;

  constructor(private readonly options: WakeChannelOptions) {
    this.channel = `nestjs_sagas_${options.schema}`.slice(0, CHANNEL_LENGTH);
  }

  /** Resolves when it listens; from then on it reconnects by itself. */
  async open(): Promise<void> {
    const first = await this.listen();
    this.listening = this.keepListening(first);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.listeners.clear();
    await this.sending;
    await this.listening;
  }

  /** Called after the commit. Gathers while one notification is under way, so that a burst costs few. */
  wake(sagaIds: readonly string[]): void {
    for (const id of sagaIds) {
      this.listeners.wake(id);
      this.pending.add(id);
    }
    if (this.pending.size > 0) this.sending ??= this.send().finally(() => (this.sending = undefined));
  }

  private async send(): Promise<void> {
    while (this.pending.size > 0 && !this.closing.signal.aborted) {
      const ids = [...this.pending];
      this.pending = new Set();
      // Lost, it costs a poll: the write that it tells of is durable.
      await this.options.connections.read(sendWakes(), [this.channel, this.payloads(ids)]).catch(() => undefined);
    }
  }

  private payloads(ids: readonly string[]): string[] {
    const count = Math.ceil(ids.length / IDS_A_NOTIFICATION);
    return Array.from({ length: count }, (_none, index) => {
      const batch = ids.slice(index * IDS_A_NOTIFICATION, (index + 1) * IDS_A_NOTIFICATION);
      return `${this.origin} ${batch.join(',')}`;
    });
  }

  private receive({ payload = '' }: Notification): void {
    const [origin, ids = ''] = payload.split(' ');
    if (origin === this.origin) return; // called directly already
    for (const id of ids.split(',')) this.listeners.wake(id);
  }

  private async keepListening(first: Listening): Promise<void> {
    let current: Listening | undefined = first;
    while (!this.closing.signal.aborted) {
      await Promise.race([current?.ended, this.closed]);
      if (this.closing.signal.aborted) break;
      await pause(RECONNECT_MS, undefined, { ref: false, signal: this.closing.signal }).catch(() => undefined);
      current = this.closing.signal.aborted ? undefined : await this.listen().catch(() => undefined);
    }
    await current?.stop();
  }

  private async listen(): Promise<Listening> {
    const runner = this.options.dataSource.createQueryRunner('master');
    try {
      await connect(runner);
      const client = (await runner.connect()) as Client;
      client.on('notification', (notification) => this.receive(notification));
      const ended = whenEnded(client);
      await runner.query(`listen ${quoteName(this.channel)}`);
      return { ended, stop: () => closeConnection(runner) };
    } catch (error) {
      await closeConnection(runner);
      throw new StatementUnanswered(error);
    }
  }
}

function whenEnded(client: Client): Promise<void> {
  return new Promise((resolve) => {
    client.once('end', resolve);
    client.once('error', resolve);
  });
}

/** A connection that listens. */
interface Listening {
  /** Resolves when it breaks. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** It still listens, so it must not serve anybody else. */
const closeConnection = (runner: QueryRunner): Promise<void> => release(runner, new Error('No longer listening'));
