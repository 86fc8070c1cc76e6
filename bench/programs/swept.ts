import type { Order } from '../workload/order.js';
import { drive } from './drive.js';
import { OrderApplication } from './order-application.js';

/** Every second saga has a key, which outlives it. */
class Swept extends OrderApplication {
  private started = 0;

  protected override startOptions({ orderId }: Order): { readonly key?: string } {
    this.started += 1;
    return this.started % 2 === 0 ? { key: orderId } : {};
  }
}

drive(new Swept({ retention: '10s', keyRetention: '70s' }));
