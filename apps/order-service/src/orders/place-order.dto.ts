import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsInt, Matches, Max, Min, ValidateNested } from 'class-validator';

import { PlaceOrder } from '../place-order/place-order.command.js';
import { ID, IS_NO_ID } from './order-id.dto.js';

// An order of the most, largest and dearest lines must fit an integer column: 20 × 100 × 10,000.00.
const MAX_LINES = 20;
const MAX_QUANTITY = 100;
const MAX_CENTS = 1_000_000;

class OrderLineDto {
  @Matches(ID, IS_NO_ID) readonly sku: string;
  @IsInt() @Min(1) @Max(MAX_QUANTITY) readonly quantity: number;
  /** The price of one. */
  @IsInt() @Min(1) @Max(MAX_CENTS) readonly cents: number;
}

export class PlaceOrderDto {
  /** Given by the caller, so that an order that is sent twice is one order. */
  @Matches(ID, IS_NO_ID) readonly orderId: string;
  @Matches(ID, IS_NO_ID) readonly customerId: string;
  @Matches(/^\d{4}-\d{4}-\d{4}-\d{4}$/, { message: '$property must be a card number such as 4242-4242-4242-4242' }) readonly card: string;
  @Matches(/^\P{C}{1,100}$/u, { message: '$property must be 1 to 100 printable characters' }) readonly destination: string;
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_LINES)
  @ValidateNested({ each: true })
  @Type(() => OrderLineDto)
  readonly lines: readonly OrderLineDto[];

  toCommand(): PlaceOrder {
    const lines = this.lines.map(({ sku, quantity, cents }, index) => ({ line: index + 1, sku, quantity, cents }));
    const cents = lines.reduce((sum, line) => sum + line.quantity * line.cents, 0);
    const { orderId, customerId, card, destination } = this;
    return new PlaceOrder({ orderId, customerId, card, destination, lines, cents });
  }
}
