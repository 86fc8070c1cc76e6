import { randomUUID } from 'node:crypto';

import { WakeListeners } from '../wake-listeners.js';
import type { Connections } from './connections.js';
import { sendWakes } from './sql/send-wakes.js';

/** A notification carries 8,000 bytes at most; an id has 36. */
const IDS_A_NOTIFICATION = 100;

/** A name in PostgreSQL has 63 bytes at most. Two schemas with one channel wake each other for nothing, and no more. */
const CHANNEL_LENGTH = 63;

export interface Notification {
  readonly payload?: string;
}

/**
 * Wakes across processes, by LISTEN and NOTIFY. Those of this process are called directly. What is lost while the session that listens is made
 * anew costs one poll of whoever waits.
 */
export class WakeChannel {
  readonly listeners = new WakeListeners();
  /** What a session that is to be woken listens to. */
  readonly name: string;
  private readonly origin = randomUUID();
  private pending = new Set<string>();
  private sending: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    private readonly connections: Connections,
    schema: string,
  ) {
    this.name = `nestjs_sagas_${schema}`.slice(0, CHANNEL_LENGTH);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.listeners.clear();
    await this.sending;
  }

  /** Called after the commit. Gathers while one notification is under way, so that a burst costs few. */
  wake(sagaIds: readonly string[]): void {
    for (const id of sagaIds) {
      this.listeners.wake(id);
      this.pending.add(id);
    }
    if (this.pending.size > 0) this.sending ??= this.send().finally(() => (this.sending = undefined));
  }

  /** What a session that listens has heard. */
  readonly receive = ({ payload = '' }: Notification): void => {
    const [origin, ids = ''] = payload.split(' ');
    if (origin === this.origin) return; // called directly already
    for (const id of ids.split(',')) this.listeners.wake(id);
  };

  private async send(): Promise<void> {
    while (this.pending.size > 0 && !this.isClosed) {
      const ids = [...this.pending];
      this.pending = new Set();
      // Lost, it costs a poll: the write that it tells of is durable.
      await this.connections.read(sendWakes(), [this.name, this.payloads(ids)]).catch(() => undefined);
    }
  }

  private payloads(ids: readonly string[]): string[] {
    const count = Math.ceil(ids.length / IDS_A_NOTIFICATION);
    return Array.from({ length: count }, (_none, index) => {
      const batch = ids.slice(index * IDS_A_NOTIFICATION, (index + 1) * IDS_A_NOTIFICATION);
      return `${this.origin} ${batch.join(',')}`;
    });
  }
}
