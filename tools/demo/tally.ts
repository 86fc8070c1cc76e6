import type { OrderDetail } from './order-api.js';
import type { BadLine, FiledOrder } from './orders-file.js';

/** What is known of the orders of a run, while it goes on. */
export class Tally {
  /** By order id: the same id twice is one order. */
  readonly accepted = new Map<string, FiledOrder>();
  /** By order id; these have ended and are not asked for again. */
  readonly ended = new Map<string, OrderDetail>();
  /** Lines that the service refused. */
  readonly refused: BadLine[] = [];
  repeated = 0;
  cancelsAsked = 0;
  cancelsAccepted = 0;
  fed = false;

  constructor(
    /** Orders in the file. */
    readonly filed: number,
  ) {}

  /** The ids of the orders that were accepted and have not ended. */
  open(): string[] {
    return [...this.accepted.keys()].filter((id) => !this.ended.has(id));
  }

  get settled(): boolean {
    return this.fed && this.open().length === 0;
  }

  /** How far it is, in one line. */
  summary(): string {
    const states = [...this.ended.values()].map(({ state }) => state);
    const count = (state: string): number => states.filter((other) => other === state).length;
    const ended = `${states.length} ended (${count('DELIVERED')} delivered, ${count('REJECTED')} rejected, ${count('CANCELLED')} cancelled)`;
    return `${this.accepted.size} of ${this.filed} orders accepted, ${this.accepted.size - states.length} under way, ${ended}`;
  }
}
