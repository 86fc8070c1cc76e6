import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

const LOOK_MS = 20;

const WAITING = `
  select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

/** Looks again and again how many connections of a database wait for one another. */
export class LockWaits {
  private constructor(private readonly client: Client) {}

  static async connect(url: string): Promise<LockWaits> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return new LockWaits(client);
  }

  /** How many did, on average, while the work was under way. */
  async during<T>(work: Promise<T>): Promise<{ readonly result: T; readonly waiting: number }> {
    const seen: number[] = [];
    const ended = work.then((result) => ({ result }));
    for (let end: { readonly result: T } | undefined; ; end = await Promise.race([ended, pause(LOOK_MS, undefined)])) {
      if (end !== undefined) return { ...end, waiting: seen.reduce((sum, each) => sum + each, 0) / seen.length };
      const { rows } = await this.client.query<{ count: number }>(WAITING);
      seen.push(rows[0]?.count ?? 0);
    }
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
