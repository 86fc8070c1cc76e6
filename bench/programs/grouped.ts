import { setImmediate as turn } from 'node:timers/promises';
import { Client } from 'pg';
import type { Endings } from '../harness/protocol.js';
import type { Kind, Order } from '../workload/order.js';
import { type Checkpoints, runBare } from './bare-saga.js';
import { createTables, readEndings, type Status } from './bare-tables.js';
import { drive } from './drive.js';
import type { Program } from './program.js';

const WRITE = {
  name: 'write',
  text: `
    with started as (
      insert into saga (id, status, input) select id, 'running', input from unnest($1::uuid[], $2::json[]) as s (id, input)
    ), entered as (
      insert into journal (saga_id, sequence, body) select * from unnest($3::uuid[], $4::integer[], $5::json[])
    )
    update saga set status = e.status, ended_at = now() from unnest($6::uuid[], $7::text[]) as e (id, status) where saga.id = e.id`,
};

/** The plan is made once, while the tables are small: by the primary key it stays right when they grow. */
const BY_INDEX = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';

/** What waits for the next statement. */
class Group {
  readonly columns: readonly [string[], string[], string[], number[], string[], string[], Status[]] = [[], [], [], [], [], [], []];
  resolve: () => void;
  reject: (error: unknown) => void;
  readonly committed = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** The bare driver: one connection, and one statement for all that came while the one before was under way. */
class Grouped implements Program, Checkpoints {
  private client: Client;
  private next = new Group();
  private writing = false;

  async open(url: string): Promise<void> {
    this.client = new Client({ connectionString: url, options: BY_INDEX });
    await this.client.connect();
    await createTables(this.client);
  }

  run(order: Order): Promise<Kind> {
    return runBare(this, order);
  }

  start(id: string, order: Order): Promise<void> {
    const [ids, inputs] = this.next.columns;
    ids.push(id);
    inputs.push(JSON.stringify(order));
    return this.written();
  }

  enter(id: string, sequence: number, entry: unknown): Promise<void> {
    const [, , ids, sequences, bodies] = this.next.columns;
    ids.push(id);
    sequences.push(sequence);
    bodies.push(JSON.stringify(entry));
    return this.written();
  }

  end(id: string, status: Status): Promise<void> {
    const [, , , , , ids, statuses] = this.next.columns;
    ids.push(id);
    statuses.push(status);
    return this.written();
  }

  async endings(): Promise<Endings> {
    // By index alone it would look through the journal for each saga: for minutes.
    await this.client.query('set enable_seqscan = on; set enable_hashjoin = on');
    return readEndings(this.client);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  private written(): Promise<void> {
    if (!this.writing) void this.writeGroups();
    return this.next.committed;
  }

  private async writeGroups(): Promise<void> {
    this.writing = true;
    // What the group before set free writes its next entries within one turn: they go together.
    for (await turn(); this.next.columns.some(({ length }) => length > 0); await turn()) {
      const group = this.next;
      this.next = new Group();
      await this.client.query({ ...WRITE, values: [...group.columns] }).then(group.resolve, group.reject);
    }
    this.writing = false;
  }
}

drive(new Grouped());
