import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';

import { ORDER_STATES, type OrderState } from './order-state.js';

export class OrdersQueryDto {
  @IsOptional() @IsIn(ORDER_STATES) readonly state?: OrderState;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1000) readonly limit: number = 50;
}
