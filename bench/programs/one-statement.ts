import { Pool } from 'pg';
import type { Endings } from '../harness/protocol.js';
import type { Kind, Order } from '../workload/order.js';
import { type Checkpoints, runBare } from './bare-saga.js';
import { createTables, readEndings, type Status } from './bare-tables.js';
import { drive } from './drive.js';
import type { Program } from './program.js';

/** More gain nothing on few cores: each statement is a commit, and the server groups those that wait for the disk. */
const POOL_SIZE = 20;

const START = { name: 'start', text: `insert into saga (id, status, input) values ($1, 'running', $2)` };
const ENTER = { name: 'enter', text: 'insert into journal (saga_id, sequence, body) values ($1, $2, $3)' };
const END = { name: 'end', text: 'update saga set status = $2, ended_at = now() where id = $1' };

/** The bare driver: one prepared statement a commit, on a pool of connections. */
class OneStatement implements Program, Checkpoints {
  private pool: Pool;

  async open(url: string): Promise<void> {
    this.pool = new Pool({ connectionString: url, max: POOL_SIZE });
    await createTables(this.pool);
  }

  run(order: Order): Promise<Kind> {
    return runBare(this, order);
  }

  async start(id: string, order: Order): Promise<void> {
    await this.pool.query({ ...START, values: [id, JSON.stringify(order)] });
  }

  async enter(id: string, sequence: number, entry: unknown): Promise<void> {
    await this.pool.query({ ...ENTER, values: [id, sequence, JSON.stringify(entry)] });
  }

  async end(id: string, status: Status): Promise<void> {
    await this.pool.query({ ...END, values: [id, status] });
  }

  endings(): Promise<Endings> {
    return readEndings(this.pool);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

drive(new OneStatement());
