import { Body, Controller, HttpStatus, Post, Res } from '@nestjs/common';
import type { Response } from 'express';

import { DeliveriesService } from './deliveries.service.js';
import { DeliveryDto } from './delivery.dto.js';

/** The webhook of the carriers. */
@Controller('deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  /** 200 once the delivery is recorded. 202 before: the carrier says it again later, so that no crash between the two loses it. */
  @Post()
  async report(@Body() delivery: DeliveryDto, @Res({ passthrough: true }) response: Response) {
    const report = await this.deliveries.report(delivery);
    response.status(report.delivered ? HttpStatus.OK : HttpStatus.ACCEPTED);
    return report;
  }
}
