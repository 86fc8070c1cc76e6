import { Body, Controller, Get, Post, Res, UseFilters } from '@nestjs/common';
import { LOST_ANSWER_CARD } from 'contracts';
import type { Response } from 'express';

import { CardLedger } from '../ledger/card-ledger.js';
import { IdempotencyKey } from './idempotency-key.decorator.js';
import { RefusalFilter } from './refusal.filter.js';
import { AuthorizationDto, CaptureDto, VoidDto } from './requests.dto.js';

@Controller()
@UseFilters(RefusalFilter)
export class GatewayController {
  constructor(private readonly ledger: CardLedger) {}

  @Post('authorizations')
  authorize(@IdempotencyKey() key: string, @Body() request: AuthorizationDto, @Res({ passthrough: true }) response: Response) {
    const { authorizationId } = this.ledger.authorize(key, request);
    // Booked, and nobody will hear of it: the worst that a gateway can do to a shop.
    if (request.card === LOST_ANSWER_CARD) response.socket?.destroy();
    return { authorizationId };
  }

  @Post('captures')
  capture(@IdempotencyKey() key: string, @Body() { authorizationId }: CaptureDto) {
    const { captureId } = this.ledger.capture(key, authorizationId);
    return { captureId };
  }

  @Post('voids')
  void(@IdempotencyKey() key: string, @Body() { authorizationKey }: VoidDto) {
    const { authorizationId } = this.ledger.void(key, authorizationKey);
    return { authorizationId };
  }

  @Get('ledger')
  books() {
    return { entries: this.ledger.entries };
  }
}
