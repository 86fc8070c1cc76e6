import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';

import { OrderIdDto } from '../orders/order-id.dto.js';
import { ApprovalsService } from './approvals.service.js';
import { ApproveOrderDto, DeclineOrderDto } from './decision.dto.js';

@Controller()
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  @Get('approvals')
  list() {
    return this.approvals.list();
  }

  @Post('orders/:orderId/approve')
  @HttpCode(HttpStatus.ACCEPTED)
  approve(@Param() { orderId }: OrderIdDto, @Body() { by }: ApproveOrderDto) {
    return this.approvals.decide(orderId, { approved: true, by });
  }

  @Post('orders/:orderId/decline')
  @HttpCode(HttpStatus.ACCEPTED)
  decline(@Param() { orderId }: OrderIdDto, @Body() { by, reason }: DeclineOrderDto) {
    return this.approvals.decide(orderId, { approved: false, by, reason });
  }
}
