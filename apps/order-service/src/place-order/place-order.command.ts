import { Command } from '@nestjs/cqrs';
import type { SagaPayload } from 'nestjs-sagas';

export interface OrderLine {
  /** 1-based. */
  readonly line: number;
  readonly sku: string;
  readonly quantity: number;
  /** The price of one. */
  readonly cents: number;
}

/** What a customer asks for. Executed on the CommandBus it resolves with the id of the saga that sees to it. */
export class PlaceOrder extends Command<string> {
  readonly orderId: string;
  readonly customerId: string;
  readonly card: string;
  readonly destination: string;
  readonly lines: readonly OrderLine[];
  /** The sum of the lines. */
  readonly cents: number;

  constructor(order: SagaPayload<PlaceOrder>) {
    super();
    Object.assign(this, order);
  }
}
