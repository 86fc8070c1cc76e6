import { newOrder, type Kind } from '../workload/order.js';
import type { Program } from './program.js';

export interface Load {
  readonly kind: Kind;
  /** Sagas at once: when one ends, the next is started. */
  readonly flight: number;
  readonly until: (started: number) => boolean;
}

/**
 * Keeps `flight` sagas under way, and gives how long each took, in milliseconds.
 * @throws Error where one ends otherwise than it should
 */
export async function runInFlight(program: Program, { kind, flight, until }: Load): Promise<number[]> {
  const took: number[] = [];
  let started = 0;
  const oneAfterAnother = async (): Promise<void> => {
    while (!until(started)) {
      started += 1;
      const order = newOrder(kind);
      const from = performance.now();
      const end = await program.run(order);
      took.push(performance.now() - from);
      if (end !== kind) throw new Error(`Order ${order.orderId} ended as ${end}, not as ${kind}`);
    }
  };
  await Promise.all(Array.from({ length: flight }, oneAfterAnother));
  return took;
}
