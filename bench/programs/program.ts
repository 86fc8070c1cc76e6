import type { Endings } from '../harness/protocol.js';
import type { Kind, Order } from '../workload/order.js';

/** One way to run the order saga durably. */
export interface Program {
  /** Connects, and makes its tables in the empty database. */
  open(url: string): Promise<void>;
  /** Runs one saga; resolves with its kind of end when that is durable. */
  run(order: Order): Promise<Kind>;
  /** Reads from the store how all sagas ended. */
  endings(): Promise<Endings>;
  close(): Promise<void>;
}
