import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';

import { CancelOrderDto } from './cancel-order.dto.js';
import { OrderIdDto } from './order-id.dto.js';
import { OrdersQueryDto } from './orders-query.dto.js';
import { OrdersService } from './orders.service.js';
import { PlaceOrderDto } from './place-order.dto.js';

@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  /** 202 for a new order, 200 for one that was placed before. */
  @Post()
  async place(@Body() order: PlaceOrderDto, @Res({ passthrough: true }) response: Response) {
    const placed = await this.orders.place(order.toCommand());
    response.status(placed.created ? HttpStatus.ACCEPTED : HttpStatus.OK);
    return placed;
  }

  @Get()
  list(@Query() query: OrdersQueryDto) {
    return this.orders.list(query);
  }

  @Get(':orderId')
  get(@Param() { orderId }: OrderIdDto) {
    return this.orders.get(orderId);
  }

  @Get(':orderId/journal')
  journal(@Param() { orderId }: OrderIdDto) {
    return this.orders.journal(orderId);
  }

  @Post(':orderId/cancel')
  @HttpCode(HttpStatus.ACCEPTED)
  cancel(@Param() { orderId }: OrderIdDto, @Body() { reason }: CancelOrderDto) {
    return this.orders.cancel(orderId, reason);
  }
}
