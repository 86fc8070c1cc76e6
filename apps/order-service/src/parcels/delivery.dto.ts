import { Type } from 'class-transformer';
import { IsDate, Matches } from 'class-validator';

import { ID, IS_NO_ID } from '../orders/order-id.dto.js';

/** What a carrier says at the door. */
export class DeliveryDto {
  @Matches(ID, IS_NO_ID) readonly trackingId: string;
  /** ISO 8601; now, where it is left out. */
  @Type(() => Date) @IsDate() readonly at: Date = new Date();
}
